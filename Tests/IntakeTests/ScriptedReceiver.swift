import DICOMVocabulary
import WorkerProtocol

/// A shell that plays a receiving worker: it says what it is told to say, each after hearing one message. The socket
/// that comes with the first message is closed by the kernel, because a shell does not ask for it.
enum ScriptedReceiver {
    enum Step {
        case hear
        case say(WorkerMessage)
        case exit(Int)
        /// Listens until the channel closes.
        case linger
    }

    /// - Parameters:
    ///   - standsStill: a folder that is not there yet: whoever makes it says that it is ready, and then reads nothing.
    ///   - dying: so many end when they are handed a connection. Each makes a folder of that name and a number.
    static func program(
        _ steps: [Step], standsStill: String? = nil, dying: (folder: String, count: Int)? = nil
    ) throws -> WorkerProcess.Program {
        var script = """
            hear() {
              n=$(head -c 4 <&3 | od -An -tu1 | awk '{ print $3 * 256 + $4 }')
              [ -n "$n" ] || exit 0
              head -c "$n" <&3 >/dev/null
            }

            """ + (try say(.ready))
        if let standsStill { script += "mkdir '\(standsStill)' 2>/dev/null && exec sleep 600\n" }
        for number in 0..<(dying?.count ?? 0) {
            script += "mkdir '\(dying?.folder ?? "")\(number)' 2>/dev/null && { hear; exit 9; }\n"
        }
        for step in steps {
            switch step {
            case .hear: script += "hear\n"
            case .say(let message):
                script += try say(message)
            case .exit(let status): script += "exit \(status)\n"
            case .linger: script += "exec cat <&3 >/dev/null\n"
            }
        }
        return WorkerProcess.Program(executable: "/bin/sh", arguments: ["-c", script])
    }

    /// Frames are bytes, and a script is text.
    private static func say(_ message: WorkerMessage) throws -> String {
        let octal = try Framing.encode(message).map { byte in
            let digits = String(byte, radix: 8)
            return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
        }
        return "printf '\(octal.joined())' >&3\n"
    }
}
