// What the daemon asks of the system and of its allocator before it works.

import Glibc

enum ProcessLimits {
    private static let wanted: rlim_t = 65_536
    /// Bytes at the end of each of the allocator's arenas. More than a turn of the journal needs, and little beside the
    /// daemon's memory.
    private static let kept: CInt = 2 << 20

    /// Raises the soft limit of open files as far as the hard one allows: a shell's 1024 are fewer than the connections
    /// that the intake's bounds allow. Workers set a limit of their own.
    static func raiseDescriptors() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < wanted else { return }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        setrlimit(resource, &limit)
    }

    /// glibc gives 128 KiB at an arena's end back to the kernel after every transaction and takes them again with the
    /// next, page fault by page fault (mallopt(3), M_TRIM_THRESHOLD): an eighth of the daemon's processor time.
    static func keepFreedMemory() {
        // Swift's Glibc leaves <malloc.h> out. The numbers are glibc's; another allocator has no such function.
        let (trimThreshold, mappingThreshold): (CInt, CInt) = (-1, -3)
        guard let found = dlsym(nil, "mallopt") else { return }
        let mallopt = unsafeBitCast(found, to: (@convention(c) (CInt, CInt) -> CInt).self)
        _ = mallopt(trimThreshold, kept)
        // What the threshold for own mappings would grow to by itself, had the other not been set.
        _ = mallopt(mappingThreshold, kept)
    }
}
