import DICOMVocabulary
import Foundation
import Glibc
import Spool
import Testing

/// A spool in a temporary folder that goes with it.
final class TemporarySpool: Sendable {
    let path = NSTemporaryDirectory() + "antipode-spool-\(UUID().uuidString)"

    func directory(floor: Int64 = 0, calls: SystemCalls = SystemCalls()) -> SpoolDirectory {
        SpoolDirectory(path: path, freeFloor: floor, calls: calls)
    }

    func files(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension SpoolWriter {
    func write(_ bytes: [UInt8]) throws(Failure) {
        var failure: Failure?
        bytes.withUnsafeBytes { buffer in
            do throws(Failure) { try write(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}

@Suite("Study files on disk")
struct SpoolTests {
    let temporary = TemporarySpool()
    let spool: SpoolDirectory

    init() throws {
        spool = temporary.directory()
        try spool.prepare()
    }

    @Test("one daemon per spool: a second owner is refused in words, until the first is gone")
    func oneOwner() throws {
        do {
            let first = try spool.own()
            let failure = #expect(throws: Failure.self) { _ = try spool.own() }
            #expect(failure?.detail.contains("another daemon works on the spool") == true)
            #expect(failure?.disposition == .person)
            withExtendedLifetime(first) {}
        }
        _ = try spool.own()
    }

    @Test("A scratch file has no name, and none is given below the floor")
    func scratch() throws {
        let descriptor = try spool.scratchFile()
        defer { close(descriptor) }
        #expect(write(descriptor, "abc", 3) == 3 && lseek(descriptor, 0, SEEK_SET) == 0)
        #expect(try temporary.files("incoming").isEmpty)
        let error = #expect(throws: Failure.self) { _ = try temporary.directory(floor: .max).scratchFile() }
        #expect(error?.code == .spoolFull)
    }

    private func keep(_ bytes: [UInt8]) throws -> String {
        let file = try spool.beginFile()
        try file.write(bytes)
        try file.commit()
        return file.key
    }

    @Test("A committed file stands under its key with the bytes that were written, readable by the owner alone")
    func commit() throws {
        let key = try keep([1, 2, 3])
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: spool.path(of: key)))) == [1, 2, 3])
        #expect(spool.exists(key) && spool.size(key) == 3)
        #expect(try temporary.files("incoming").isEmpty)
        let mode = try FileManager.default.attributesOfItem(atPath: spool.path(of: key))[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let folder = try FileManager.default.attributesOfItem(atPath: spool.path)[.posixPermissions] as? Int
        #expect(folder == 0o700)
    }

    @Test("The second name of a committed file goes when it is let go, and nothing more can be written to it")
    func letGo() throws {
        let file = try spool.beginFile()
        try file.write([1, 2, 3])
        try file.commit()
        #expect(spool.exists(file.key) && spool.isFinished(file.key))
        #expect(try temporary.files("incoming") == ["\(file.key).part"])
        #expect(throws: Failure.self) { try file.write([4]) }
        #expect(throws: Failure.self) { try file.commit() }
        file.abandon()
        #expect(spool.size(file.key) == 3)
        file.letGo()
        file.letGo()
        #expect(spool.size(file.key) == 3)
        #expect(try temporary.files("incoming").isEmpty)
    }

    @Test("Preparing twice changes nothing")
    func prepareAgain() throws {
        let key = try keep([1])
        try spool.prepare()
        #expect(spool.exists(key))
    }

    @Test("A file that is abandoned, or let go of, leaves nothing")
    func abandon() throws {
        let file = try spool.beginFile()
        try file.write([1])
        #expect(try temporary.files("incoming").count == 1)
        file.abandon()
        do {
            let other = try spool.beginFile()
            try other.write([1])
        }
        #expect(try temporary.files("incoming").isEmpty)
        #expect(throws: Failure.self) { try file.commit() }
    }

    private static func kind(_ descriptor: CInt) -> String {
        var status = stat()
        fstat(descriptor, &status)
        return status.st_mode & S_IFMT == S_IFDIR ? "folder" : "file"
    }

    @Test("Names are durable before the first byte, one fsync for several; a commit flushes the file")
    func order() throws {
        let seen = Recorder()
        var calls = SystemCalls()
        calls.synchronise = { descriptor in
            var status = stat()
            fstat(descriptor, &status)
            // What is flushed still bears the mark: a worker that is killed here, or a power cut, leaves no finished file.
            seen.add(status.st_mode & 0o7777 == 0o1600 ? "marked file" : Self.kind(descriptor))
            seen.add("\(status.st_ino)")
            return fsync(descriptor)
        }
        calls.link = { from, to in
            seen.add("link")
            return link(from, to)
        }
        let files = try temporary.directory(calls: calls).beginFiles(2)
        func inode(_ path: String) -> String {
            var status = stat()
            return stat(path, &status) == 0 ? "\(status.st_ino)" : ""
        }
        let shelf = inode("\(spool.path)/objects/\(files[0].key.prefix(2))")
        #expect(seen.words == ["link", "link", "folder", shelf])
        try files[0].write([1])
        try files[0].commit()
        #expect(seen.words.dropFirst(4) == ["marked file", inode(spool.path(of: files[0].key))])
        #expect(spool.isFinished(files[0].key) && !spool.isFinished(files[1].key))
    }

    @Test("A file whose fsync failed is set aside and not believed")
    func failedFsync() throws {
        let seen = Recorder()
        var calls = SystemCalls()
        calls.synchronise = { descriptor in
            guard Self.kind(descriptor) == "file" else { return fsync(descriptor) }
            seen.add("fsync")
            errno = EIO
            return -1
        }
        let file = try temporary.directory(calls: calls).beginFile()
        try file.write([1])
        let failure = #expect(throws: Failure.self) { try file.commit() }
        #expect(failure?.code == .ioError)
        #expect(seen.words == ["fsync"], "it is not tried again")
        #expect(!spool.exists(file.key))
        #expect(try temporary.files("orphans") == ["\(file.key).unsynced"])
        #expect(try temporary.files("incoming").isEmpty)
    }

    @Test("A file that lost a name while it was written is not believed", arguments: [true, false])
    func removedMeanwhile(whole: Bool) throws {
        let file = try spool.beginFile()
        try file.write([1])
        unlink(spool.path(of: file.key))
        if whole { unlink("\(spool.path)/incoming/\(file.key).part") }
        let failure = #expect(throws: Failure.self) { try file.commit() }
        #expect(failure?.code == .ioError && failure?.disposition == .tryAgain)
        #expect(!spool.exists(file.key))
        #expect(try temporary.files("incoming").isEmpty)
    }

    @Test("Where a name cannot be made durable there is no file", arguments: ["link", "fsync"])
    func failedName(failing: String) throws {
        var calls = SystemCalls()
        let (failsLink, failsSync) = (failing == "link", failing == "fsync")
        calls.link = { from, to in
            errno = EIO
            return failsLink ? -1 : link(from, to)
        }
        calls.synchronise = { descriptor in
            errno = EIO
            return failsSync ? -1 : fsync(descriptor)
        }
        let failure = #expect(throws: Failure.self) { _ = try temporary.directory(calls: calls).beginFiles(3) }
        #expect(failure?.code == .ioError)
        #expect(try temporary.files("incoming").isEmpty)
        #expect(!spool.holdsObjects)
    }

    @Test("A full disk is told as such, and writes in pieces are put together")
    func fullDisk() throws {
        var calls = SystemCalls()
        calls.write = { descriptor, bytes, count in
            // One byte at a time, interrupted before each third, full after six.
            let position = lseek(descriptor, 0, SEEK_CUR)
            if position == 6 {
                errno = ENOSPC
                return -1
            }
            return write(descriptor, bytes, min(1, count))
        }
        let file = try temporary.directory(calls: calls).beginFile()
        try file.write([1, 2, 3, 4, 5])
        let failure = #expect(throws: Failure.self) { try file.write([6, 7]) }
        #expect(failure?.code == .spoolFull && failure?.disposition == .tryAgain)
    }

    @Test("Below the floor of free space no file is begun")
    func floor() throws {
        let failure = #expect(throws: Failure.self) { try temporary.directory(floor: .max).beginFile() }
        #expect(failure?.code == .spoolFull)
        #expect(try spool.freeBytes() > 0)
    }

    @Test("Removing is done once and may be asked twice")
    func remove() throws {
        let key = try keep([1])
        try spool.remove(key)
        try spool.remove(key)
        #expect(!spool.exists(key) && spool.size(key) == nil)
    }

    @Test("A text that is no key leads nowhere", arguments: ["", "../../etc/passwd", "ab", "ABCDEF", "a/b"])
    func noKey(text: String) throws {
        #expect(!spool.exists(text))
        #expect(spool.path(of: text) == spool.path + "/objects/not-a-key")
    }

    /// As a writer that was killed leaves it; gives its second name.
    private func leaveUnfinished(_ key: String, bytes: [UInt8]) -> String {
        let part = "\(spool.path)/incoming/\(key).part"
        #expect(FileManager.default.createFile(atPath: part, contents: Data(bytes)))
        #expect(chmod(part, 0o1600) == 0 && link(part, spool.path(of: key)) == 0)
        return part
    }

    @Test("What a loss of power left of unfinished files is kept apart if it holds anything")
    func lossOfPower() throws {
        let keys = (0...1).map { "\($0)\(String(repeating: "a", count: 31))" }
        for (key, bytes) in zip(keys, [[], [1]] as [[UInt8]]) { unlink(leaveUnfinished(key, bytes: bytes)) }
        #expect(try spool.compare(with: SpoolKeySet(), known: { _ in false }).orphans == 1)
        #expect(!spool.holdsObjects)
        #expect(try spool.doubtfulFiles() == ["\(keys[1]).unsynced"])
        #expect(try spool.orphanKeys().isEmpty)
    }

    @Test("A start keeps what has a row, and what is another file than its second name")
    func backAfterLossOfPower() throws {
        let keys = (0...2).map { "\($0)\(String(repeating: "b", count: 31))" }
        for key in keys { _ = leaveUnfinished(key, bytes: [1]) }
        unlink(spool.path(of: keys[1]))
        #expect(FileManager.default.createFile(atPath: spool.path(of: keys[1]), contents: Data([2])))
        let settled = try spool.sweepIncoming { $0 == keys[0] ? .afterBytes : .noRow }
        #expect(settled.deleted == 2 && settled.finished == 1 && settled.lost.isEmpty)
        #expect(try temporary.files("incoming").isEmpty)
        #expect(keys.map(spool.exists) == [true, true, false])
        #expect(spool.isFinished(keys[0]))
    }

    /// A file as `SpoolWriter` leaves it whose process ends between an object's row and its flush; with the digest of its data set.
    private func leaveUnflushed(_ key: String) throws -> (part: String, digest: String) {
        let meta = Part10.meta(
            sopClass: "1.2.840.10008.5.1.4.1.1.2", sopInstance: "1.2.3", transferSyntax: .explicitVRLittleEndian)
        let part = leaveUnfinished(key, bytes: meta + [8, 0, 5, 0])
        return (part, try spool.content(of: part).digest)
    }

    @Test(
        "A file with a row is finished where its bytes are what the row says, and else set aside; so of ended workers too"
    )
    func besideItsRow() throws {
        let keys = (0...4).map { "\($0)\(String(repeating: "c", count: 31))" }
        let files = try keys.map { try leaveUnflushed($0) }
        #expect(truncate(files[1].part, off_t(try #require(spool.size(keys[1])) - 1)) == 0)
        unlink(spool.path(of: keys[2]))
        #expect(FileManager.default.createFile(atPath: spool.path(of: keys[2]), contents: Data([2])))
        let row: (String) -> RowOfFile? = { key in
            switch key {
            case keys[3]: .noRow
            case keys[4]: nil
            default: .besideBytes(digest: files[0].digest)
            }
        }
        let later = Date().timeIntervalSince1970 + 3600
        #expect(try spool.sweepAbandoned(olderThan: 30, now: later - 3600, row: row).isEmpty)
        let settled = try spool.sweepAbandoned(olderThan: 30, now: later, row: row)
        #expect(settled.deleted == 1 && settled.finished == 1 && settled.lost == [keys[1]])
        #expect(keys.map(spool.exists) == [true, false, true, false, true])
        #expect(keys.map(spool.isFinished) == [true, true, true, true, false])
        #expect(try spool.doubtfulFiles() == ["\(keys[1]).unsynced"])
        #expect(try temporary.files("incoming") == ["\(keys[4]).part"], "nobody touches what may have a row")
        #expect(settled.postponed == 1)
        #expect(try spool.sweepIncoming { _ in .besideBytes(digest: files[0].digest) }.finished == 1)
        #expect(spool.isFinished(keys[4]))
    }

    @Test("A file that its writer still holds is believed by nobody else, and one whose writer is gone is confirmed")
    func held() throws {
        let key = String(repeating: "e", count: 32)
        let (part, digest) = try leaveUnflushed(key)
        let writer = open(part, O_RDWR)
        #expect(flock(writer, LOCK_EX | LOCK_NB) == 0)
        #expect(spool.belief(in: key, digest: digest) == .inUse)
        let settled = try spool.sweepIncoming { _ in .besideBytes(digest: digest) }
        #expect(settled.postponed == 1 && settled.finished == 0 && !spool.isFinished(key))
        #expect(spool.isBeingWritten(key) && !spool.awaitWriter(of: key, within: 0))
        close(writer)
        #expect(!spool.isBeingWritten(key) && spool.awaitWriter(of: key, within: 0))
        #expect(spool.belief(in: key, digest: "other") == .lost)
        #expect(!spool.isFinished(key))
        #expect(spool.belief(in: key, digest: digest) == .good)
        #expect(spool.isFinished(key) && !spool.isBeingWritten(key))
        // The second name goes with the next sweep.
        #expect(try spool.sweepIncoming { _ in .besideBytes(digest: digest) }.isEmpty)
        #expect(try temporary.files("incoming").isEmpty && spool.exists(key))
    }

    @Test("A file that cannot be flushed is not believed, whatever can be read of it, and stays for the next look")
    func besideItsRowAndNotFlushed() throws {
        let key = String(repeating: "d", count: 32)
        let digest = try leaveUnflushed(key).digest
        var calls = SystemCalls()
        calls.synchronise = { _ in
            errno = EIO
            return -1
        }
        let failing = SpoolDirectory(path: spool.path, freeFloor: 0, calls: calls)
        #expect(try failing.sweepIncoming { _ in .besideBytes(digest: digest) }.postponed == 1)
        #expect(failing.belief(in: key, digest: digest) == .unreadable)
        #expect(spool.exists(key) && !spool.isFinished(key))
        #expect(try spool.sweepIncoming { _ in .besideBytes(digest: digest) }.finished == 1)
    }

    @Test("A file whose writer was killed goes while others write; one that is being written stays, however old")
    func abandoned() throws {
        let path = leaveUnfinished("0123456789abcdef0123456789abcdef", bytes: [1])
        let done = try keep([2])
        #expect(link(spool.path(of: done), "\(spool.path)/incoming/\(done).part") == 0)
        let writing = try spool.beginFile()
        try writing.write([1])
        let now = Date().timeIntervalSince1970
        let row: (String) -> RowOfFile? = { _ in .noRow }
        #expect(try spool.sweepAbandoned(olderThan: 30, now: now, row: row).isEmpty)
        #expect(try spool.sweepAbandoned(olderThan: 30, now: now + 3600, row: row).deleted == 1)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(!spool.exists("0123456789abcdef0123456789abcdef"))
        #expect(spool.exists(done), "of a finished file only the second name goes")
        #expect(try temporary.files("incoming") == ["\(writing.key).part"])
        try writing.commit()
        #expect(spool.exists(writing.key))
    }

    @Test("What was set aside goes by the time of its setting aside, whatever the age of its bytes")
    func oldOrphans() throws {
        let key = try keep([1])
        var old = [timeval(tv_sec: 1000, tv_usec: 0), timeval(tv_sec: 1000, tv_usec: 0)]
        #expect(utimes(spool.path(of: key), &old) == 0)
        try spool.setAside(key)
        let now = Date().timeIntervalSince1970
        #expect(try spool.sweepOrphans(olderThan: 3600, now: now) == 0)
        #expect(try spool.orphanKeys() == [key])
        #expect(try spool.sweepOrphans(olderThan: 3600, now: now + 4000) == 1)
        #expect(try spool.orphanKeys().isEmpty)
    }

    @Test("After a crash unfinished files are deleted and files without a row are set aside, not deleted")
    func recovery() throws {
        let known = try keep([1])
        let unknown = try keep([2])
        let unfinished = try spool.beginFile()
        try unfinished.write([3])
        #expect(try spool.sweepIncoming { _ in .noRow }.deleted == 1)
        let report = try keep([4])
        let gone = ["\(String(repeating: "0", count: 32))", "ff\(String(repeating: "7", count: 30))"]
        var expected = SpoolKeySet()
        let taken = [gone[1], known, gone[0], known].map { expected.insert($0) }
        let refused = ["not-a-key", known.uppercased() + "x"].map { expected.insert($0) }
        #expect(taken.allSatisfy { $0 } && !refused.contains(true) && expected.count == 4)
        let first = try spool.compare(with: expected) { $0 == report }
        #expect(first.orphans == 1 && first.missing == gone)
        #expect(spool.exists(known) && spool.exists(report) && !spool.exists(unknown))
        #expect(try temporary.files("orphans") == ["\(unknown).dcm"])
        let second = try spool.compare(with: expected) { $0 == report }
        #expect(second.orphans == 0 && second.missing == gone)
    }
}

private final class Recorder: @unchecked Sendable {
    // Written by the one thread that commits.
    private(set) var words: [String] = []
    func add(_ word: String) { words.append(word) }
}
