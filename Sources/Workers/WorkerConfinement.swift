// What a worker takes from itself before it reads a byte from outside.

import DICOMVocabulary
import Glibc
import WorkerProtocol

/// Limits, signals, and the end of the office. Called once, before anything comes from outside.
enum WorkerConfinement {
    private static let defaultMemory: rlim_t = 2 << 30
    private static let openFiles: rlim_t = 128

    static func apply(channel: CInt) {
        // Not "exe", as what was started by way of /proc/self/exe is called.
        Thread.nameThis("antipode-worker")
        umask(0o077)
        // The office says stop; an interrupt or a hang-up of its terminal is not for us.
        for signal in [SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGXFSZ] { Glibc.signal(signal, SIG_IGN) }
        // DCMTK leaves Nagle's algorithm on unless told (dcmnet, dul.cc).
        setenv("TCP_NODELAY", "1", 1)
        let memory = getenv(WorkerEnvironment.memory).flatMap { rlim_t(String(cString: $0)) } ?? defaultMemory
        // A core would hold a patient's data; memory has an end before the machine's; descriptors do not leak for ever.
        limit(RLIMIT_CORE, to: 0)
        limit(RLIMIT_AS, to: memory)
        limit(RLIMIT_NOFILE, to: openFiles)
        endWithOffice(channel: channel)
    }

    private static func limit(_ resource: __rlimit_resource, to value: rlim_t) {
        var current = rlimit()
        let number = __rlimit_resource_t(resource.rawValue)
        guard getrlimit(number, &current) == 0 else { return }
        let bounded = min(value, current.rlim_max)
        var new = rlimit(rlim_cur: bounded, rlim_max: bounded)
        setrlimit(number, &new)
    }

    /// A thread that waits for the channel's other end to close and then ends the process, even while this one hangs in
    /// C++: a killed office takes its workers along. PR_SET_PDEATHSIG is not used, because it follows the thread that
    /// started the process, and Dispatch's threads come and go.
    private static func endWithOffice(channel: CInt) {
        Thread.detach(named: "office-watch") {
            var watched = pollfd(fd: channel, events: 0, revents: 0)
            while true {
                let count = poll(&watched, 1, -1)
                if count > 0, watched.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { _exit(0) }
            }
        }
    }
}
