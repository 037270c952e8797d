// On what kind of file system a folder lies.

import Foundation
import Glibc

/// What decides whether an fsync means that bytes survive a power loss.
struct FileSystem: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// In memory: gone with the next start of the machine.
        case memory
        /// Over a network, or through a program of its own.
        case remote
        /// The rest: a disk of this machine, by what the kernel says.
        case local
    }

    /// As in /proc/mounts: `ext4`, `tmpfs`, `nfs4`.
    var type: String
    /// Of the mount and of the file system: `rw`, `relatime`, `nobarrier`.
    var options: Set<String> = []

    var kind: Kind {
        if ["tmpfs", "ramfs"].contains(type) { return .memory }
        return Self.remote.contains(type) || type.hasPrefix("fuse.") ? .remote : .local
    }

    /// Without write barriers the disk may keep in its cache what fsync has answered for.
    var isWithoutBarriers: Bool { !options.isDisjoint(with: ["nobarrier", "barrier=0", "barrier=none"]) }

    private static let remote: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "fuse", "glusterfs", "lustre", "afs", "gfs2", "ocfs2",
        "virtiofs",
    ]

    /// Of an existing folder; nil if the system does not say. The kernel's table of mounts is asked, not statfs(2), whose
    /// numbers Swift's Glibc lacks.
    static func holding(_ path: String) -> FileSystem? {
        var file = stat()
        guard stat(path, &file) == 0, let mounts = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)
        else { return nil }
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
        return read(mounts, device: file.st_dev, path: real)
    }

    /// From lines such as `36 35 98:0 / /mnt rw,noatime shared:1 - ext4 /dev/sda1 rw,nobarrier` (proc(5)): by the device, or
    /// by the mount point where a file system hides its own, as btrfs does.
    static func read(_ mounts: String, device: dev_t, path: String) -> FileSystem? {
        // The kernel packs major and minor as makedev(3) does.
        let number = "\((device >> 8) & 0xFFF):\((device & 0xFF) | ((device >> 12) & 0xFFF00))"
        var nearest: (point: String, system: FileSystem)?
        for line in mounts.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 6, let dash = words.firstIndex(of: "-"), words.count > dash + 3 else { continue }
            let options = Set((words[5] + "," + words[dash + 3]).split(separator: ",").map(String.init))
            let system = FileSystem(type: words[dash + 1], options: options)
            if words[2] == number { return system }
            let point = words[4]
            let holds = point == "/" || path == point || path.hasPrefix(point + "/")
            if holds, point.count >= nearest?.point.count ?? 0 { nearest = (point, system) }
        }
        return nearest?.system
    }
}
