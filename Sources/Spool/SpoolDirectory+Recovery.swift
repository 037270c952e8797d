// What a crash leaves, put in order at the next start.

package import DICOMVocabulary
import Glibc

extension SpoolDirectory {
    /// Deletes unfinished files that have no row, and finishes those that have one, or sets them aside where their bytes did not
    /// come as far as the disk. Of finished ones the second name goes. One whose `row` cannot be told, nil, stays as it is. Call it
    /// before any worker writes. Blocks: it reads, and writes anew, what a kill or a loss of power left between row and flush, and at
    /// worst what was received since the file system wrote its own notes.
    package func sweepIncoming(row: (String) -> RowOfFile?) throws(Failure) -> UnfinishedFiles {
        var found = UnfinishedFiles()
        for name in try names(in: incoming) where name.hasSuffix(".part") {
            settlePart(name, unlocked: false, row, &found)
        }
        return found
    }

    /// The same for files whose writer is gone: a worker that was killed in the middle of an object leaves one, and nobody knows
    /// its name. A writer holds a lock on its file; the age leaves it the moment to take it, and the office the time to write the
    /// row. May be called while workers write.
    package func sweepAbandoned(
        olderThan seconds: Double, now: Double, row: (String) -> RowOfFile?
    ) throws(Failure) -> UnfinishedFiles {
        var found = UnfinishedFiles()
        for name in try names(in: incoming) where name.hasSuffix(".part") {
            var status = stat()
            guard stat("\(incoming)/\(name)", &status) == 0, Double(status.st_mtim.tv_sec) + seconds < now else {
                continue
            }
            settlePart(name, unlocked: true, row, &found)
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
