// Starting a worker: posix_spawn with nothing inherited that was not meant to be.

import DICOMVocabulary
package import Glibc

package enum WorkerSpawn {
    /// The process and the office's end of its channel.
    static func start(_ program: WorkerProcess.Program) throws(Failure) -> (pid: CInt, channel: CInt) {
        var pair: [CInt] = [-1, -1]
        let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { throw failure("socketpair", errno) }
        defer { close(pair[1]) }
        var pid: pid_t = 0
        let code = spawn(program, channel: pair[1], pid: &pid)
        guard code == 0 else {
            close(pair[0])
            throw failure("posix_spawn", code)
        }
        return (pid, pair[0])
    }

    private static func spawn(_ program: WorkerProcess.Program, channel: CInt, pid: inout pid_t) -> CInt {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        // Standard output may carry the answer of a subcommand; what a library prints belongs beside the log.
        posix_spawn_file_actions_adddup2(&actions, 2, 1)
        posix_spawn_file_actions_adddup2(&actions, channel, WorkerChannel.inheritedDescriptor)
        // What a library opened without close-on-exec stays with the office. Before the program starts, and not in it: there
        // Dispatch may have made its own by then, and would wait on the closed ones for ever without sleeping.
        guard let closeFrom, closeFrom(&actions, WorkerChannel.inheritedDescriptor + 1) == 0 else { return ENOSYS }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        // A process group of its own: an interrupt from the terminal is for the office, which then says stop.
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, CShort(flags))

        // The first argument is what `ps` shows.
        let name = program.executable == "/proc/self/exe" ? "antipode" : program.executable
        return withCStrings([name] + program.arguments) { arguments in
            withCStrings(WorkerEnvironment.make(for: program)) { environment in
                posix_spawn(&pid, program.executable, &actions, &attributes, arguments, environment)
            }
        }
    }

    package typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, CInt) -> CInt

    /// posix_spawn_file_actions_addclosefrom_np (glibc 2.34), which its header shows only to _GNU_SOURCE, and so not to
    /// Swift. Closes every descriptor from a number on in a process that is about to start.
    package static let closeFrom: CloseFrom? = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map {
        unsafeBitCast($0, to: CloseFrom.self)
    }

    private static func withCStrings<R>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        pointers.append(nil)
        return pointers.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("an array with an element has an address") }
            return body(base)
        }
    }

    private static func failure(_ call: String, _ code: CInt) -> Failure {
        Failure(
            .workerDied, .tryAgain, .instance,
            detail: "no worker could be started: \(call): \(String(cString: strerror(code)))",
            hint: "Look at the limits of processes, memory and open files.")
    }
}

/// What a worker finds in its environment, and nothing else.
package enum WorkerEnvironment {
    package static let memory = "ANTIPODE_WORKER_MEMORY"
    /// Set when objects of the spool are to go through the page cache.
    package static let pageCache = "ANTIPODE_WORKER_PAGE_CACHE"
    /// Set when it will meet data sets, which a worker that receives does not.
    package static let warmUp = "ANTIPODE_WORKER_WARM_UP"

    /// Where libraries and their tables are found, and the time zone of what is written.
    private static let inherited = ["PATH", "LD_LIBRARY_PATH", "DCMDICTPATH", "LANG", "LC_ALL", "TZ"]

    #if DEBUG
        private static let forTests = [FaultPoint.variable]
    #else
        private static let forTests: [String] = []
    #endif

    static func make(for program: WorkerProcess.Program) -> [String] {
        let kept = (inherited + forTests).compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
        return kept + [
            // DCMTK leaves Nagle's algorithm on unless told (dcmnet, dul.cc).
            "TCP_NODELAY=1",
            // A crash must not write registers and memory, which may hold a patient's data, into the log.
            "SWIFT_BACKTRACE=enable=no",
            // Each arena reserves 128 MB of the address space that RLIMIT_AS counts.
            "MALLOC_ARENA_MAX=2",
            "\(memory)=\(program.memory)",
        ] + (program.usesPageCache ? ["\(pageCache)=1"] : []) + (program.warmsUp ? ["\(warmUp)=1"] : [])
    }
}
