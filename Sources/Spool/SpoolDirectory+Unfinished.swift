// Files whose fsync nobody has seen return: what a kill or a loss of power leaves.

import DICOMVocabulary
import Glibc

/// What the journal says of a file that has the mark of an unfinished one.
package enum RowOfFile: Sendable, Hashable {
    /// Nobody was answered for it.
    case noRow
    /// Its row was written when its bytes were durable: a loss of power has brought the mark back.
    case afterBytes
    /// Its row was written while its bytes were on their way to the disk: they are to be what has this digest.
    case besideBytes(digest: String)
}

/// What became of unfinished files.
package struct UnfinishedFiles: Sendable, Hashable {
    /// So many had no row, and are gone.
    package var deleted = 0
    /// So many are whole, and durable now.
    package var finished = 0
    /// So many stay as they are until somebody looks again: in use, or not to be read or written now.
    package var postponed = 0
    /// Keys of those that have a row and not the bytes that it speaks of. They were set aside.
    package var lost: [String] = []

    package var isEmpty: Bool { self == UnfinishedFiles() }
}

extension SpoolDirectory {
    /// An object longer than this many bytes is durable before it has a row: its flush may take minutes.
    package static let longestBesideItsRow: Int64 = 4 << 20

    /// Whether a file is what its row says, and durable.
    package enum Belief: Sendable {
        case good
        case lost
        /// The disk gives no answer now.
        case unreadable
        /// Its writer is about it.
        case inUse
    }

    /// Of a file that has a row. What nobody has confirmed is confirmed here, unless its writer still holds it. Blocks.
    package func belief(in key: String, digest: String) -> Belief {
        let isFinished = isFinished(key)
        let descriptor = open(path(of: key), (isFinished ? O_RDONLY : O_RDWR) | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == ENOENT ? .lost : .unreadable }
        defer { close(descriptor) }
        if isFinished { return Self.compare(descriptor, digest) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return .inUse }
        // Its writer, who held it until now, may have finished it or set it aside.
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .unreadable }
        guard isThere(key, status) else { return .lost }
        return Self.isUnfinished(status) ? confirm(descriptor, digest) : Self.compare(descriptor, digest)
    }

    /// Whether a file's writer is still about it: it may have a row already and not all of its bytes yet.
    package func isBeingWritten(_ key: String) -> Bool {
        guard !isFinished(key) else { return false }
        let descriptor = open(path(of: key), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    /// Waits until nobody writes a file any more, at most so many seconds; false when somebody still does. Blocks.
    package func awaitWriter(of key: String, within seconds: Double) -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while isBeingWritten(key) {
            guard ContinuousClock.now < deadline else { return false }
            usleep(1000)
        }
        return true
    }

    /// As `settle`; one that cannot be settled now stops no other.
    func settlePart(
        _ name: String, unlocked: Bool, _ row: (String) -> RowOfFile?, _ found: inout UnfinishedFiles
    ) {
        do throws(Failure) {
            try settle(name, unlocked: unlocked, row, &found)
        } catch {
            found.postponed += 1
        }
    }

    /// The second name of a file goes, and the first too if nothing speaks of it.
    /// - Parameter unlocked: only one that nobody writes.
    private func settle(
        _ name: String, unlocked: Bool, _ row: (String) -> RowOfFile?, _ found: inout UnfinishedFiles
    ) throws(Failure) {
        let part = "\(incoming)/\(name)"
        let key = String(name.dropLast(5))
        let descriptor = open(part, O_RDWR | O_CLOEXEC)
        // Finished meanwhile.
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) != 0
        if unlocked, isLocked { return }
        // Asked behind the lock: its writer may just have finished it.
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return }
        if Self.isUnfinished(status) {
            switch row(key) {
            case nil:
                found.postponed += 1
                return
            case .noRow:
                // A spool that was copied name by name may have another file there. The place goes first: without its second
                // name a file would not be found again.
                if isThere(key, status) { try remove(key) }
                found.deleted += 1
            case .afterBytes:
                fchmod(descriptor, SpoolWriter.finished)
                found.finished += 1
            case .besideBytes(let digest):
                // Where the place holds another file, or none, that is found by whoever compares rows with files.
                guard isThere(key, status) else { break }
                switch isLocked ? .inUse : confirm(descriptor, digest) {
                case .good: found.finished += 1
                case .unreadable, .inUse:
                    found.postponed += 1
                    return
                case .lost:
                    guard calls.rename(path(of: key), unsyncedPath(of: key)) == 0 else {
                        throw .spool("set a file aside", errno)
                    }
                    found.lost.append(key)
                }
            }
        }
        guard unlink(part) == 0 || errno == ENOENT else { throw .spool("remove", errno) }
    }

    private func isThere(_ key: String, _ status: stat) -> Bool {
        var place = stat()
        return stat(path(of: key), &place) == 0 && place.st_ino == status.st_ino
    }

    /// Bytes that are read may be those of the page cache, and a flush that failed once says nothing the next time: what is right is
    /// therefore written anew, over itself, before it is flushed and believed.
    private func confirm(_ descriptor: CInt, _ digest: String) -> Belief {
        let found = Self.compare(descriptor, digest)
        guard case .good = found else { return found }
        do throws(Failure) {
            _ = try Self.read(try FileByteSource(fileDescriptor: descriptor), from: 0) {
                (bytes, offset) throws(Failure) in
                guard pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset)) == bytes.count else {
                    throw .spool("write", errno)
                }
            }
        } catch {
            return .unreadable
        }
        guard calls.synchronise(descriptor) == 0, fchmod(descriptor, SpoolWriter.finished) == 0 else {
            return .unreadable
        }
        return .good
    }

    private static func compare(_ descriptor: CInt, _ digest: String) -> Belief {
        do throws(Failure) {
            return try content(of: try FileByteSource(fileDescriptor: descriptor)).digest == digest ? .good : .lost
        } catch {
            return [.ioError, .outOfResources].contains(error.code) ? .unreadable : .lost
        }
    }
}
