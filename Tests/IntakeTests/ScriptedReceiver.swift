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

    static func program(_ steps: [Step]) throws -> WorkerProcess.Program {
        var script = """
            say() {
              n=${#1}
              printf "\\\\000\\\\000\\\\$(printf %03o $((n / 256)))\\\\$(printf %03o $((n % 256)))%s" "$1" >&3
            }
            hear() {
              n=$(head -c 4 <&3 | od -An -tu1 | awk '{ print $3 * 256 + $4 }')
              [ -n "$n" ] || exit 0
              head -c "$n" <&3 >/dev/null
            }
            say '{"ready":{}}'

            """
        for step in steps {
            switch step {
            case .hear: script += "hear\n"
            case .say(let message):
                let body = try Framing.encode(message).dropFirst(4)
                script += "say '\(String(decoding: body, as: UTF8.self))'\n"
            case .exit(let status): script += "exit \(status)\n"
            case .linger: script += "exec cat <&3 >/dev/null\n"
            }
        }
        return WorkerProcess.Program(executable: "/bin/sh", arguments: ["-c", script])
    }
}
