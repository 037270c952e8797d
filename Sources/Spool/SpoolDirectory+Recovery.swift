// What a crash leaves, put in order at the next start.

package import DICOMVocabulary
import Glibc

extension SpoolDirectory {
    /// Deletes unfinished files, whose senders were never answered. Of finished ones the second name goes, and of what is
    /// `known` to have a row, for a loss of power may bring mark and second name back. Call it before any worker writes. Returns
    /// how many were unfinished.
    package func sweepIncoming(known: (String) -> Bool) throws(Failure) -> Int {
        var count = 0
        for name in try names(in: incoming) where name.hasSuffix(".part") {
            if try removePart(name, known: known) { count += 1 }
        }
        return count
    }

    /// The second name of a file, and the first too if it is unfinished; then true.
    private func removePart(_ name: String, known: (String) -> Bool) throws(Failure) -> Bool {
        let part = "\(incoming)/\(name)"
        let key = String(name.dropLast(5))
        var status = stat()
        var place = stat()
        let isMarked = stat(part, &status) == 0 && Self.isUnfinished(status)
        let isUnfinished = isMarked && !known(key)
        if isMarked, !isUnfinished { chmod(part, SpoolWriter.finished) }
        // A spool that was copied name by name may have another file there. The place goes first: without its second name a
        // file would not be found again.
        if isUnfinished, stat(path(of: key), &place) == 0, place.st_ino == status.st_ino { try remove(key) }
        guard unlink(part) == 0 || errno == ENOENT else { throw .spool("remove", errno) }
        return isUnfinished
    }

    /// Deletes unfinished files whose writer is gone: a worker that was killed in the middle of an object leaves one, and
    /// nobody knows its name. A writer holds a lock on its file; the age leaves it the moment to take it. May be called
    /// while workers write. Returns how many.
    package func sweepAbandoned(olderThan seconds: Double, now: Double) throws(Failure) -> Int {
        var count = 0
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
            // In a daemon's life the mark goes before there is a row.
            if try removePart(name, known: { _ in false }) { count += 1 }
        }
        return count
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
