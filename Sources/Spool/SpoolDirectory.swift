// Study files on disk.

package import DICOMVocabulary
import Glibc

/// A folder of instance files, addressed by random keys that say nothing about whom they show.
///
/// ```swift
/// let spool = SpoolDirectory(path: "/var/lib/antipode/spool", freeFloor: 10 << 30)
/// try spool.prepare()
/// let file = try spool.beginFile()
/// try file.write(bytes)
/// try file.commit()               // durable now, as objects/ab/<key>.dcm
/// ```
///
/// `objects/` holds what is durable and what is being written, which has a second name in `incoming/` and a mark of its own
/// (`SpoolWriter.unfinished`); `orphans/` what no row names or no fsync confirmed. A value without state: copies in several processes work on one spool. Every call blocks.
package struct SpoolDirectory: Sendable {
    package let path: String
    /// Bytes that stay free on the file system.
    package let freeFloor: Int64
    let calls: SystemCalls

    package init(path: String, freeFloor: Int64, calls: SystemCalls = SystemCalls()) {
        self.path = path
        self.freeFloor = freeFloor
        self.calls = calls
    }

    var incoming: String { path + "/incoming" }
    var objects: String { path + "/objects" }
    var orphans: String { path + "/orphans" }

    /// Makes the folders, 0700 each, and the 256 shelves of `objects/`, so that no commit has to make one durable.
    package func prepare() throws(Failure) {
        try makeFolder(path)
        for folder in [incoming, objects, orphans] { try makeFolder(folder) }
        for shelf in 0...255 { try makeFolder("\(objects)/\(Self.hex(UInt8(shelf)))") }
        for folder in [objects, path] { try synchronise(folder: folder) }
    }

    /// Takes the spool for this process until the value goes: a second daemon with another journal would take every file
    /// here for an orphan. Fails at once when somebody has it.
    package func own() throws(Failure) -> OwnerLock {
        try OwnerLock(
            path + "/.lock", taken: "another daemon works on the spool \(path)",
            hint: "Give each daemon a spool folder of its own.")
    }

    /// A new file, whose name is durable. Fails with `.spoolFull` below the floor.
    package func beginFile() throws(Failure) -> SpoolWriter { try beginFiles(1)[0] }

    /// New files on one shelf, whose names are durable: one fsync for all of them. `.spoolFull` below the floor.
    package func beginFiles(_ count: Int) throws(Failure) -> [SpoolWriter] {
        try checkFloor()
        let shelf = Self.newKey().prefix(2)
        var files: [SpoolWriter] = []
        for _ in 0..<count { files.append(try SpoolWriter(in: self, key: String(shelf) + Self.newKey().dropFirst(2))) }
        try synchronise(folder: "\(objects)/\(shelf)")
        FaultPoint.pass("spool.after-folder-fsync")
        return files
    }

    /// O_TMPFILE of <fcntl.h>, a macro too composed for Swift to see.
    private static let nameless = O_DIRECTORY | 0o20000000

    /// Fails with `.spoolFull` below the floor.
    package func checkFloor() throws(Failure) {
        guard try freeBytes() >= freeFloor else {
            throw Failure(
                .spoolFull, .tryAgain, .instance, detail: "less than \(freeFloor) bytes are free",
                hint: "Free space on the spool's file system.")
        }
    }

    /// An empty file that has no name, for what is unpacked on its way: it is gone with its descriptor, which the caller
    /// closes. `.spoolFull` below the floor.
    package func scratchFile() throws(Failure) -> CInt {
        try checkFloor()
        let unnamed = open(incoming, O_RDWR | Self.nameless | O_CLOEXEC, 0o600)
        if unnamed >= 0 { return unnamed }
        // Not every file system can (open(2), O_TMPFILE): then a name for a moment, which a crash leaves to recovery.
        let name = "\(incoming)/\(Self.newKey()).part"
        let named = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard named >= 0 else { throw .spool("make a file", errno) }
        unlink(name)
        return named
    }

    /// `objects/ab/<key>.dcm`. A text that is not a key of this spool leads to a path that does not exist.
    package func path(of key: String) -> String {
        guard Self.isKey(key) else { return objects + "/not-a-key" }
        return "\(objects)/\(key.prefix(2))/\(key).dcm"
    }

    func temporaryPath(of key: String) -> String { "\(incoming)/\(key).part" }
    func unsyncedPath(of key: String) -> String { "\(orphans)/\(key).unsynced" }

    /// Whether the file was written to its end; also of one that is gone.
    package func isFinished(_ key: String) -> Bool {
        var status = stat()
        return stat(path(of: key), &status) != 0 || !Self.isUnfinished(status)
    }

    /// Whether the file is here, and was written to its end.
    package func isDurable(_ key: String) -> Bool {
        var status = stat()
        return stat(path(of: key), &status) == 0 && !Self.isUnfinished(status)
    }

    static func isUnfinished(_ status: stat) -> Bool { status.st_mode & 0o7777 == SpoolWriter.unfinished }

    /// One that is gone already is no failure. A crash may bring the file back, as an orphan.
    package func remove(_ key: String) throws(Failure) {
        guard unlink(path(of: key)) == 0 || errno == ENOENT else { throw .spool("remove", errno) }
    }

    package func exists(_ key: String) -> Bool { access(path(of: key), F_OK) == 0 }

    /// Bytes of the file, its head included.
    package func size(_ key: String) -> Int64? {
        var status = stat()
        return stat(path(of: key), &status) == 0 ? Int64(status.st_size) : nil
    }

    /// Whether anything durable is here; false for a folder that was never prepared.
    package var holdsObjects: Bool {
        (0...255).contains { shelf in
            guard let stream = opendir("\(objects)/\(Self.hex(UInt8(shelf)))") else { return false }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                // Hidden ones are the folder itself and its parent.
                if entry.pointee.d_name.0 != 0x2E { return true }
            }
            return false
        }
    }

    /// What an unprivileged writer can still use.
    package func freeBytes() throws(Failure) -> Int64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw .spool("statvfs", errno) }
        return Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }

    static func newKey() -> String {
        var generator = SystemRandomNumberGenerator()
        // Two calls of the system, and not sixteen.
        return [generator.next(), generator.next()].map { (word: UInt64) in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// 32 lower-case hexadecimal digits: nothing that could lead out of the folder.
    static func isKey(_ text: String) -> Bool {
        text.utf8.count == 32
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    private func makeFolder(_ folder: String) throws(Failure) {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .spool("make a folder", errno) }
    }

    /// Makes names in a folder durable.
    func synchronise(folder: String) throws(Failure) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .spool("open a folder", errno) }
        defer { Glibc.close(descriptor) }
        guard calls.synchronise(descriptor) == 0 else { throw .spool("fsync a folder", errno) }
    }
}
