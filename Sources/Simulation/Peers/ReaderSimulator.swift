// A radiologist's system far away.

package import DICOMVocabulary
import Foundation
import Glibc
import Synchronization

/// Takes studies over TLS, writes a report on each when it has been quiet for a while, and either answers C-FIND, C-GET
/// and C-MOVE about all it holds, or pushes the report.
///
///     let simulator = try ReaderSimulator(options) { print($0) }
///     simulator.run(until: stop)
///
/// `run` blocks its thread until the signal; each association has a thread of its own.
package final class ReaderSimulator: Sendable {
    package struct Options: Sendable {
        package var face: PeerFace
        package var folder: String
        package var report = ReportOptions()
        /// Seconds without a new object, until the report of a study is written.
        package var reportDelay: Double = 3
        /// False for a reader that only takes.
        package var writesReports = true
        /// Where a report is sent when it is written; nil waits for being asked.
        package var pushTo: PeerAddress?
        /// Who may be a destination of C-MOVE.
        package var moveDestinations: [AETitle: PeerAddress] = [:]
        package var misbehaviour = Misbehaviour()
        /// Lines name the patient, as the objects do.
        package var showsIdentity = false

        package init(face: PeerFace, folder: String) {
            self.face = face
            self.folder = folder
        }
    }

    let options: Options
    let receiver: ObjectReceiver
    let index = HoldingIndex()
    let report: SimulationReport
    private let server: AssociationServer
    private let quiet: Mutex<QuietStudies>

    /// The port that is bound, also when 0 was asked for.
    package var port: Int { server.port }

    /// Binds the port. - Parameter report: gets one line for each study, report and question.
    package init(_ options: Options, report: @escaping SimulationReport) throws(Failure) {
        self.options = options
        self.report = report
        quiet = Mutex(QuietStudies(quiet: options.reportDelay))
        receiver = try ObjectReceiver(
            folder: options.folder, misbehaviour: options.misbehaviour, limits: options.face.limits, index: index)
        server = try AssociationServer(
            address: options.face.address, port: options.face.port, maximum: options.face.maximumAssociations)
    }

    package func run(until stop: StopSignal) {
        let desk = Thread { [self] in
            while !stop.isStopped {
                writeDueReports()
                usleep(100_000)
            }
        }
        desk.name = "reports"
        desk.stackSize = 4 << 20
        desk.start()
        server.run(until: stop) { [self] socket in
            do throws(Failure) {
                try ReaderAssociation(reader: self, socket: socket).serve()
            } catch {
                report("association ended: \(error.code.rawValue), \(error.detail)")
            }
        }
    }

    /// Called for each object that was stored; reports of others are kept and not read.
    func arrived(_ holding: Holding) {
        guard !Self.isReport(holding) else { return }
        quiet.withLock { $0.arrived(holding.study, at: Self.clock()) }
    }

    static func isReport(_ holding: Holding) -> Bool {
        holding.sopClass.string.hasPrefix("1.2.840.10008.5.1.4.1.1.88.")
            || holding.sopClass.string.hasPrefix("1.2.840.10008.5.1.4.1.1.104.")
    }

    /// Seconds of a clock that nobody sets.
    private static func clock() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }

    private func writeDueReports() {
        for study in quiet.withLock({ $0.due(at: Self.clock()) }) {
            let holdings = index.study(study)
            let images = holdings.filter { !Self.isReport($0) }
            guard let first = images.first else { continue }
            report(
                "read study \(study), \(images.count) images" + (options.showsIdentity ? first.identity : ""))
            guard options.writesReports else { continue }
            do throws(Failure) {
                try writeReport(on: images, after: holdings.last { Self.isReport($0) })
            } catch {
                report("no report on study \(study): \(error.detail)")
            }
        }
    }

    private func writeReport(on images: [Holding], after predecessor: Holding?) throws(Failure) {
        var random = SystemRandomNumberGenerator()
        guard
            let writer = ReportWriter(
                options: options.report, images: images, predecessor: predecessor,
                moment: ReportMoment(seconds: time(nil)), random: &random)
        else { return }
        let written = try writer.write()
        let holding = try receiver.add(written)
        report("wrote \(options.report.kind.rawValue) report \(holding.sopInstance) on study \(holding.study)")
        if let peer = options.pushTo { push(written, to: peer) }
    }
}
