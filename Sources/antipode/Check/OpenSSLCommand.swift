// The openssl command, for looking at certificates. Nothing of Antipode that handles studies depends on it.

import Foundation

/// Runs `openssl` with fixed arguments, bounded input and no terminal, so that it can never ask for a passphrase.
/// Blocking, for a moment; call it from commands only.
struct OpenSSLCommand: Sendable {
    struct Answer: Sendable {
        var status: Int32
        var output: String
        var complaint: String
        var isGood: Bool { status == 0 }
    }

    private let path: String

    /// nil when the command is not installed.
    init?(searching folders: [String] = ["/usr/bin", "/usr/local/bin", "/bin", "/opt/homebrew/bin"]) {
        guard
            let path = folders.map({ $0 + "/openssl" }).first(where: FileManager.default.isExecutableFile(atPath:))
        else { return nil }
        self.path = path
    }

    func run(_ arguments: [String], input: String = "") -> Answer { Self.run(path, arguments, input: input) }

    /// Runs a program to its end.
    static func run(_ program: String, _ arguments: [String], input: String = "") -> Answer {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stderr
        do {
            try process.run()
        } catch {
            return Answer(status: -1, output: "", complaint: "\(program) cannot be run")
        }
        // Scripts and answers are a few kilobytes, less than a pipe holds, so one after the other does not block.
        try? stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try? stdin.fileHandleForWriting.close()
        let output = (try? stdout.fileHandleForReading.readToEnd()) ?? Data()
        let complaint = (try? stderr.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        return Answer(
            status: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
            complaint: String(decoding: complaint, as: UTF8.self))
    }
}
