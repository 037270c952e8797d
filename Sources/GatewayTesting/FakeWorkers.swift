// Worker processes that answer from a script.

import DICOMVocabulary
import Foundation
package import WorkerProtocol

/// A pool with one worker, a shell, that says what it was told beforehand: each message of the office is written down and
/// answered with the next group of messages. Asked without an answer left, it dies.
///
/// ```swift
/// let workers = try FakeWorkers(folder: state.folder + "/workers")
/// try workers.answer(.inspected(contents))
/// …                                       // the part under test leases from `workers.pool`
/// let asked = try workers.requests()
/// ```
///
/// Real processes, because what the office relies on is how a process ends. Safe from any task; answers are told before
/// they are asked for.
package final class FakeWorkers: Sendable {
    package let pool: WorkerPool
    private let folder: String

    package init(folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(try Framing.encode(WorkerMessage.ready)).write(to: URL(fileURLWithPath: folder + "/ready"))
        self.folder = folder
        let program = WorkerProcess.Program(executable: "/bin/sh", arguments: ["-c", Self.script, "worker", folder])
        pool = WorkerPool(
            settings: .init(warm: 0, maximum: 1, jobsPerWorker: 10_000),
            spawn: { () throws(Failure) in try WorkerProcess(program: program) })
    }

    /// Messages are counted over all processes, in files: a worker that died is followed by one that goes on.
    private static let script = """
        cd "$1" && cat ready >&3
        while set -- $(head -c 4 <&3 | od -An -tu1) && [ $# -eq 4 ]; do
            i=$(( $(ls | grep -c '^request') + 1 ))
            head -c $(( ($1 << 24) + ($2 << 16) + ($3 << 8) + $4 )) <&3 > "request.$i"
            cat "answer.$i" >&3 || exit 1
        done
        """

    /// The next answer: these messages, and, at the end of a job, `ready`.
    package func answer(_ messages: WorkerMessage..., endsJob: Bool = true) throws {
        let frames = try (messages + (endsJob ? [.ready] : [])).flatMap { try Framing.encode($0) }
        try Data(frames).write(to: URL(fileURLWithPath: "\(folder)/answer.\(try last() + 1)"))
    }

    /// What the office has said so far.
    package func requests() throws -> [OfficeMessage] {
        try (0..<(try count("request"))).map { index in
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/request.\(index + 1)"))
            return try Framing.decode(OfficeMessage.self, from: Array(data))
        }
    }

    /// The number of the last question or answer: a question that no answer was left for has had its turn.
    private func last() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: folder)
            .compactMap { name in name.split(separator: ".").last.flatMap { Int($0) } }.max() ?? 0
    }

    private func count(_ kind: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: folder).count { $0.hasPrefix(kind + ".") }
    }
}
