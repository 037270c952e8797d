// What a crash leaves, put in order at the next start.

package import DICOMVocabulary
import Glibc

/// What the journal says of a file that has the mark of an unfinished one.
package enum RowOfFile: Sendable, Hashable {
    /// Nobody was answered for it.
    case none
    /// Its row was written when its bytes were durable: a loss of power has brought the mark back.
    case afterBytes
    /// Its row was written while its bytes were on their way to the disk: they are to be what has this digest.
    case besideBytes(digest: String)
}

/// What became of unfinished files.
package struct UnfinishedFiles: Sendable, Hashable {
    /// Deleted: so many, none with a row.
    package var deleted = 0
    /// So many are whole, and durable now.
    package var finished = 0
    /// Keys of those that have a row and not the bytes that it speaks of. They were set aside.
    package var lost: [String] = []

    package var isEmpty: Bool { deleted == 0 && finished == 0 && lost.isEmpty }
}

extension SpoolDirectory {
    /// Deletes unfinished files that have no row, and finishes those that have one, or sets them aside where their bytes did not
    /// come as far as the disk. Of finished ones the second name goes. One whose `row` cannot be told, nil, stays as it is. Call it
    /// before any worker writes. Blocks: it reads what a kill or a loss of power left between row and flush, and at worst what was
    /// received since the file system wrote its own notes.
    package func sweepIncoming(row: (String) -> RowOfFile?) throws(Failure) -> UnfinishedFiles {
        var found = UnfinishedFiles()
        for name in try names(in: incoming) where name.hasSuffix(".part") { try settlePart(name, row, &found) }
        return found
    }

    /// The second name of a file goes, and the first too if nothing speaks of it.
    private func settlePart(
        _ name: String, _ row: (String) -> RowOfFile?, _ found: inout UnfinishedFiles
    ) throws(Failure) {
        let part = "\(incoming)/\(name)"
        let key = String(name.dropLast(5))
        var status = stat()
        if stat(part, &status) == 0, Self.isUnfinished(status) {
            guard let row = row(key) else { return }
            switch row {
            case .none:
                // A spool that was copied name by name may have another file there. The place goes first: without its second
                // name a file would not be found again.
                if isThere(key, status) { try remove(key) }
                found.deleted += 1
            case .afterBytes:
                chmod(part, SpoolWriter.finished)
                found.finished += 1
            case .besideBytes(let digest):
                // Where the place holds another file, or none, that is found by whoever compares rows with files.
                guard isThere(key, status) else { break }
                if finish(key, digest: digest) {
                    chmod(part, SpoolWriter.finished)
                    found.finished += 1
                } else {
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

    /// Flushed first: what is read then is what the disk has, as far as a disk can be asked.
    private func finish(_ key: String, digest: String) -> Bool {
        do throws(Failure) {
            try confirm(key)
            return try content(of: path(of: key)).digest == digest
        } catch {
            return false
        }
    }

    /// The same for files whose writer is gone: a worker that was killed in the middle of an object leaves one, and nobody knows
    /// its name. A writer holds a lock on its file; the age leaves it the moment to take it, and the office the time to write the row. May
    /// be called while workers write.
    package func sweepAbandoned(
        olderThan seconds: Double, now: Double, row: (String) -> RowOfFile?
    ) throws(Failure) -> UnfinishedFiles {
        var found = UnfinishedFiles()
        for name in try names(in: incoming) where name.hasSuffix(".part") {
            let path = "\(incoming)/\(name)"
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            // Finished meanwhile.
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            var status = stat()
            guard fstat(descriptor, &status) == 0, Double(status.st_mtim.tv_sec) + seconds < now,
                flock(descriptor, LOCK_EX | LOCK_NB) == 0
            else { continue }
            try settlePart(name, row, &found)
        }
        return found
    }

    /// Deletes what was set aside longer than `seconds` ago, by the time of its rename (a file's own time is that of its
    /// bytes). Returns how many.
    package func sweepOrphans(olderThan seconds: Double, now: Double) throws(Failure) -> Int {
        var count = 0
        for name in try names(in: orphans) {
            var status = stat()
            let path = "\(orphans)/\(name)"
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
                Double(status.st_ctim.tv_sec) + seconds < now
            else { continue }
            guard unlink(path) == 0 || errno == ENOENT else { throw .spool("remove", errno) }
            count += 1
        }
        return count
    }

    func names(in folder: String) throws(Failure) -> [String] {
        guard let stream = opendir(folder) else { throw .spool("open a folder", errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw .spool("read a folder", errno) }
                return names
            }
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }
}
