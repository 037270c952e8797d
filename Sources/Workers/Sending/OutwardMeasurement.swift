// How fast one core takes the identity out of instances, for Benchmarks/bench/parts/deidentification.py and for a site's own files.

import DICOM
import DICOMNetwork
package import DICOMVocabulary
import Deidentification
import Glibc
import Spool
import WorkerProtocol

/// Does for files all that a lane does but the sending: scan, parse, hold rules, pixels, profile, guard, encoding; then
/// reads what would leave. One thread.
package struct OutwardMeasurement: Sendable, Codable {
    package var instances = 0
    package var held = 0
    /// Why, by the code of the failure.
    package var heldFor: [String: Int] = [:]
    /// Of those that would have left, how many had their header from the one before.
    package var repeated = 0
    /// Bytes that would have left.
    package var bytes: Int64 = 0
    package var seconds = 0.0
    /// The guard's search, in seconds of the processor.
    package var guardSeconds = 0.0
    /// The most memory that the process had, in bytes.
    package var peakMemory: Int64 = 0

    /// Goes over the files again and again until the time is over. `scratch`: a folder for files without names.
    package static func run(
        files: [String], options: [String], scratch: String, seconds: Double
    ) throws(Failure) -> OutwardMeasurement {
        let spool = SpoolDirectory(path: scratch, freeFloor: 0)
        try spool.prepare()
        let spent = Spent()
        let removal = IdentityRemoval(policy: OutwardPolicy(), scan: ScanBounds(), scratchFile: spool.scratchFile) {
            (identityGuard, bytes, syntax, dataSet) throws(Failure) in
            let start = processorSeconds()
            defer { spent.seconds += processorSeconds() - start }
            return try identityGuard.failure(in: bytes, transferSyntax: syntax, dataSet: dataSet)
        }
        var result = OutwardMeasurement()
        let clock = ContinuousClock()
        let start = clock.now
        repeat {
            for path in files {
                do throws(Failure) {
                    result.bytes += try one(path, options, spool, removal)
                } catch {
                    result.held += 1
                    result.heldFor[error.code.rawValue, default: 0] += 1
                }
                result.instances += 1
            }
        } while (clock.now - start) / .seconds(1) < seconds && !files.isEmpty
        result.repeated = removal.repetitions
        result.guardSeconds = spent.seconds
        result.seconds = (clock.now - start) / .seconds(1)
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        result.peakMemory = Int64(usage.ru_maxrss) << 10
        return result
    }

    private static let tokens: StudyTokens = {
        func token(_ kind: UInt8) -> String { Token(material: (0..<16).map { $0 &* 31 &+ kind }).string }
        return StudyTokens(
            patientID: token(1), patientName: token(2), accessionNumber: token(3), studyID: token(4))
    }()

    private final class Spent { var seconds = 0.0 }

    private static func one(
        _ path: String, _ options: [String], _ spool: SpoolDirectory, _ removal: IdentityRemoval
    ) throws(Failure) -> Int64 {
        let file = try InstanceFile(
            path: path, bounds: ScanBounds(), wanted: StudyIdentity.wantedTags.union([.seriesInstanceUID]),
            scratch: spool.scratchFile)
        let pseudonym = PseudonymJob(
            options: options, tokens: tokens, uidKey: [UInt8](repeating: 7, count: 32),
            identity: StudyIdentity(header: file.header), pixelsReleased: false)
        let departure = try removal.departure(file, pseudonym, accepts: { _ in true }) { _ in nil }
        guard let departure else {
            throw Failure(.noPresentationContext, .refused, .instance, detail: "in no transfer syntax")
        }
        var bytes: Int64 = 0
        for part in departure.parts { bytes += try read(part) }
        return bytes
    }

    /// Of this thread: a busy machine takes nothing away from what something costs.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// As sending would: from the file, a piece at a time.
    private static func read(_ part: DataSetPart) throws(Failure) -> Int64 {
        guard case .file(let descriptor, let offset, let length) = part else { return part.count }
        var buffer = [UInt8](repeating: 0, count: 1 << 17)
        var done: Int64 = 0
        while done < length {
            let count = pread(descriptor, &buffer, min(buffer.count, Int(length - done)), Int(offset + done))
            guard count > 0 else { throw Failure(.ioError, .person, .instance, detail: "pread: errno \(errno)") }
            done += Int64(count)
        }
        return done
    }
}
