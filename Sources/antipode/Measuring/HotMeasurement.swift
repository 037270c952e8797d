// The functions that every instance passes, one by one, for Benchmarks/bench/parts/hot.py.

import DICOMVocabulary
import Forwarding
import Foundation
import Journal
import WorkerProtocol
import Workers

/// Each step alone, on one core, over and over. The yardsticks beside them are the benchmark's.
struct HotMeasurement: Codable, Sendable {
    /// By name, in microseconds.
    var steps: [String: StepTimes] = [:]
    /// Instances that eight tasks had committed together, a second.
    var commitsOfEight = 0.0

    /// `scratch`: a folder on the disk that is measured. `peer`: where a lane may be opened; nothing is sent there.
    static func run(
        files: [String], scratch: String, peer: PeerAddress?, seconds: Double
    ) async throws -> HotMeasurement {
        var result = HotMeasurement()
        result.steps["headerScan"] = try await headerScan(files, seconds)
        let outward = try OutwardMeasurement.run(
            files: files, options: DestinationSettings.recommendedOptions, scratch: scratch + "/outward",
            seconds: seconds)
        guard outward.held == 0 else { throw Failure(.unexpected, .person, .instance, detail: "an instance is held") }
        let each = 1e6 / Double(outward.instances)
        result.steps["deidentification"] = StepTimes(
            count: outward.instances, mean: (outward.seconds - outward.guardSeconds) * each)
        result.steps["guard"] = StepTimes(count: outward.instances, mean: outward.guardSeconds * each)
        result.commitsOfEight = try await commits(scratch, seconds, &result.steps)
        try await workers(scratch, peer, seconds, &result.steps)
        return result
    }

    private static func headerScan(_ files: [String], _ seconds: Double) async throws -> StepTimes {
        let scanner = HeaderScanner(
            bounds: ScanBounds(),
            wanted: StudyIdentity.wantedTags.union(InstanceHeader.wantedTags).union([
                .sopInstanceUID, .studyInstanceUID,
            ]))
        var watch = Stopwatch()
        let end = ContinuousClock.now + .seconds(seconds)
        repeat {
            for path in files {
                var source = try FileByteSource(path: path)
                _ = try await watch.time { try scanner.scan(&source, as: nil) }
            }
        } while ContinuousClock.now < end
        return watch.times()
    }

    /// Rows of images by one task and by eight.
    private static func commits(
        _ scratch: String, _ seconds: Double, _ steps: inout [String: StepTimes]
    ) async throws -> Double {
        let folder = scratch + "/journal"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let journal = try JournalDatabase.open(path: folder + "/journal.sqlite")
        let measured = try await JournalMeasurement.run(journal, destination: "reader", seconds: seconds)
        for (name, times) in measured.steps { steps["journal." + name] = times }
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { try await JournalMeasurement.record(in: journal, until: end) }
            }
            return try await group.reduce(0, +)
        }
        let passed = (ContinuousClock.now - start) / .seconds(1)
        try journal.close()
        return Double(count) / passed
    }

    /// A process from nothing, one from the pool, a question and its answer, and an instance handed to a lane that has no
    /// file for it.
    private static func workers(
        _ scratch: String, _ peer: PeerAddress?, _ seconds: Double, _ steps: inout [String: StepTimes]
    ) async throws {
        let program = WorkerProcess.Program(executable: "/proc/self/exe", arguments: ["worker"])
        var cold = Stopwatch()
        for _ in 0..<12 {
            let worker = try await cold.time {
                let worker = try WorkerProcess(program: program)
                guard case .message(.ready) = await worker.receive(within: 20) else { throw worker.outOfTurn() }
                return worker
            }
            worker.terminate()
        }
        steps["worker.cold"] = cold.times(ownWork: false)
        let pool = WorkerPool(settings: .init(warm: 2, maximum: 4, jobsPerWorker: 10_000), program: program)
        try await pool.start()
        let missing = ReportFile(
            spoolKey: "none", sopClass: "1.2.840.10008.5.1.4.1.1.88.11", transferSyntax: .explicitVRLittleEndian,
            spoolDirectory: scratch, scan: ScanBounds(), digest: "")
        var warm = Stopwatch()
        for _ in 0..<100 {
            while await pool.counts.idle == 0 { try await Task.sleep(for: .milliseconds(1)) }
            let worker = try await warm.time { try await pool.lease() }
            // Back in the pool a worker says that it is ready at the end of a job, and not before it has had one.
            try worker.send(.identify(missing))
            guard case .message(.failed) = await worker.receive(within: 20) else { throw worker.outOfTurn() }
            await pool.giveBack(worker)
        }
        steps["worker.warm"] = warm.times(ownWork: false)
        let worker = try await pool.lease()
        var question = Stopwatch()
        let end = ContinuousClock.now + .seconds(seconds)
        repeat {
            try await question.time {
                try worker.send(.identify(missing))
                guard case .message(.failed) = await worker.receive(within: 20),
                    case .message(.ready) = await worker.receive(within: 20)
                else { throw worker.outOfTurn() }
            }
        } while ContinuousClock.now < end
        steps["worker.question"] = question.times(ownWork: false)
        if let peer { steps["worker.handover"] = try await handOver(to: worker, peer, scratch, seconds) }
        worker.terminate()
        await pool.discard(worker)
        await pool.stop()
    }

    private static func handOver(
        to worker: WorkerProcess, _ peer: PeerAddress, _ scratch: String, _ seconds: Double
    ) async throws -> StepTimes {
        let sopClass: UID = "1.2.840.10008.5.1.4.1.1.2"
        let lane = LaneJob(
            peer: peer, limits: AssociationLimits(), scan: ScanBounds(),
            proposals: [.init(sopClass: sopClass, transferSyntax: .explicitVRLittleEndian)], spoolDirectory: scratch)
        try await worker.openLane(lane, within: 30)
        let job = SendJob(
            spoolKey: "none", sopClass: sopClass, sopInstance: "1.2.3", transferSyntax: .explicitVRLittleEndian,
            digest: String(repeating: "0", count: 64), pseudonym: nil)
        var watch = Stopwatch()
        let end = ContinuousClock.now + .seconds(seconds)
        repeat {
            try await watch.time {
                try worker.send(.send(job))
                guard case .sent = try await worker.reply(within: 30) else { throw worker.outOfTurn() }
            }
        } while ContinuousClock.now < end
        return watch.times(ownWork: false)
    }
}
