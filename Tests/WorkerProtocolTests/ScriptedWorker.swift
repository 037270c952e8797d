import DICOMVocabulary
import WorkerProtocol

/// Real processes that play a worker: a shell that writes frames to descriptor 3.
enum ScriptedWorker {
    /// Says ready, then listens until its channel closes.
    static let patient = script("printf '\\000\\000\\000\\014{\"ready\":{}}' >&3; exec cat <&3 >/dev/null")
    /// Says ready, and never reads a byte.
    static let deaf = script("printf '\\000\\000\\000\\014{\"ready\":{}}' >&3; exec sleep 3600")
    /// Says ready, then exits.
    static let brief = script("printf '\\000\\000\\000\\014{\"ready\":{}}' >&3; exit 7")
    static let stillborn = script("exit 3")
    /// Says ready at the start and after every job, a job being one frame of 20 bytes (`closeLane`).
    static let diligent = script(
        """
        say() { printf '\\000\\000\\000\\014{"ready":{}}' >&3; }
        say; while [ -n "$(head -c 20 <&3 | tail -c 16)" ]; do say; done
        """)

    static func script(_ text: String) -> WorkerProcess.Program {
        WorkerProcess.Program(executable: "/bin/sh", arguments: ["-c", text])
    }
}
