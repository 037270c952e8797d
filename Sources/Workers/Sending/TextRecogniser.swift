// Recognition of text in pixels by the program `tesseract`, as a process of its own.

import DICOMVocabulary
import Glibc
import WorkerProtocol

/// Runs one recognition at a time: the picture goes in by a pipe, the text comes back by another, nothing is written to
/// disk. The process has this worker's limit of memory, ends at the deadline, and is gone when `run` returns.
struct TextRecogniser {
    /// For one frame, in seconds.
    let deadline: Double
    var program = Self.standardProgram

    static let standardProgram = "tesseract"

    /// A word, and how sure the program is of it, 0 to 100.
    struct Word: Hashable {
        let text: String
        let confidence: Double
    }

    private static let maximumOutput = 1 << 20

    /// `picture`: 8-bit grey in PGM.
    func run(_ picture: [UInt8]) throws(Failure) -> [Word] {
        var input: [CInt] = [-1, -1]
        var output: [CInt] = [-1, -1]
        guard pipe(&input) == 0 else { throw Self.failure("pipe", errno) }
        guard pipe(&output) == 0 else {
            let code = errno
            for descriptor in input { close(descriptor) }
            throw Self.failure("pipe", code)
        }
        for descriptor in input + output { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        var pid: pid_t = 0
        let code = spawn(from: input[0], to: output[1], pid: &pid)
        close(input[0])
        close(output[1])
        defer {
            close(input[1])
            close(output[0])
        }
        guard code == 0 else { throw Self.failure("posix_spawn", code) }
        let text = exchange(picture, input: &input[1], output: output[0])
        if text == nil { kill(pid, SIGKILL) }
        var status: CInt = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        guard let text else {
            throw Self.hold("the recognition of text took too long")
        }
        guard status == 0 else { throw Self.hold("the recognition of text failed") }
        return Self.words(text)
    }

    private func spawn(from input: CInt, to output: CInt, pid: inout pid_t) -> CInt {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        // Its warnings may quote what it reads.
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        guard let closeFrom = WorkerSpawn.closeFrom, closeFrom(&actions, 3) == 0 else { return ENOSYS }
        let arguments = [program, "stdin", "stdout", "--psm", "11", "--dpi", "150", "tsv"]
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        let inherited = ["PATH", "TESSDATA_PREFIX", "LANG"].compactMap { (name: String) -> String? in
            getenv(name).map { "\(name)=" + String(cString: $0) }
        }
        var environment: [UnsafeMutablePointer<CChar>?] =
            (inherited + ["OMP_THREAD_LIMIT=1"]).map { strdup($0) } + [nil]
        defer { for pointer in pointers + environment { free(pointer) } }
        return posix_spawnp(&pid, program, &actions, nil, &pointers, &environment)
    }

    /// Writes and reads until the program closes its output; nil at the deadline.
    private func exchange(_ picture: [UInt8], input: inout CInt, output: CInt) -> [UInt8]? {
        _ = fcntl(input, F_SETFL, O_NONBLOCK)
        let end = ContinuousClock.now + .seconds(deadline)
        var sent = 0
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let left = (end - .now) / .milliseconds(1)
            guard left > 0 else { return nil }
            var watched = [
                pollfd(fd: sent < picture.count ? input : -1, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: output, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&watched, 2, CInt(min(left, 1000)) + 1) >= 0 || errno == EINTR else { return nil }
            if watched[0].revents != 0 {
                let count = picture.withUnsafeBytes {
                    write(input, $0.baseAddress.map { $0 + sent }, picture.count - sent)
                }
                if count > 0 {
                    sent += count
                } else if count < 0, errno != EAGAIN, errno != EINTR {
                    sent = picture.count
                }
                if sent == picture.count {
                    close(input)
                    input = -1
                }
            }
            if watched[1].revents != 0 {
                let count = read(output, &buffer, buffer.count)
                if count == 0 { return text }
                if count > 0 { text += buffer[..<count] }
                if text.count > Self.maximumOutput { return nil }
            }
        }
    }

    /// Level 5 of the table are words; the confidence stands in column 11, the text in column 12.
    static func words(_ table: [UInt8]) -> [Word] {
        String(decoding: table, as: UTF8.self).split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 12, fields[0] == "5", let confidence = Double(fields[10]) else { return nil }
            let text = String(fields[11].filter { !$0.isWhitespace })
            return text.isEmpty ? nil : Word(text: text, confidence: confidence)
        }
    }

    private static func failure(_ call: String, _ code: CInt) -> Failure {
        if code == ENOENT {
            return Failure(
                .pixelsMayIdentify, .person, .instance, detail: "recognition of text is on, and there is no tesseract",
                hint: "Install the Debian package tesseract-ocr, or set recognise_text = \"off\" in the profile.")
        }
        return hold("the recognition of text could not start: \(call): errno \(code)")
    }

    private static func hold(_ detail: String) -> Failure {
        Failure(
            .pixelsMayIdentify, .person, .instance, detail: detail,
            hint: "Look at the pixels yourself; release them if they show no name.")
    }
}
