// Room for connections.

import Glibc

enum DescriptorLimit {
    private static let wanted: rlim_t = 65_536

    /// Raises the soft limit of open files as far as the hard one allows: a shell's 1024 are fewer than the connections
    /// that the intake's bounds allow. Workers set a limit of their own.
    static func raise() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < wanted else { return }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        setrlimit(resource, &limit)
    }
}
