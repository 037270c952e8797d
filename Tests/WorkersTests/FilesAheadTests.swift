import DICOMVocabulary
import Foundation
import Spool
import Testing

@testable import Workers

@Suite("Files ahead of their objects")
struct FilesAheadTests {
    let folder = NSTemporaryDirectory() + "antipode-ahead-\(UUID().uuidString)"

    private let atOnce: @Sendable (@escaping @Sendable () -> Void) -> Bool = { work in
        work()
        return true
    }

    private func incoming() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: folder + "/incoming").count
    }

    @Test("are made from the second object on, few at a time, and go when nobody took them")
    func several() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let spool = SpoolDirectory(path: folder, freeFloor: 0)
        try spool.prepare()
        do {
            let files = FilesAhead(spool, inBackground: atOnce)
            let first = try files.next()
            #expect(try incoming() == 1, "a peer that sends one object costs no more than that")
            var keys = [first.key]
            for _ in 0..<40 {
                let next = try files.next()
                keys.append(next.key)
                try next.commit()
                next.letGo()
                #expect(try incoming() <= 9)
            }
            #expect(Set(keys).count == 41 && keys.dropFirst().allSatisfy(spool.exists))
            #expect(try incoming() > 1)
            first.abandon()
        }
        #expect(try incoming() == 0)
    }

    @Test("One that cannot be made ahead is made when it is needed, and the reason is told then")
    func failing() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let whole = SpoolDirectory(path: folder, freeFloor: 0)
        try whole.prepare()
        var calls = SystemCalls()
        calls.link = { _, _ in
            errno = EIO
            return -1
        }
        let files = FilesAhead(SpoolDirectory(path: folder, freeFloor: 0, calls: calls), inBackground: atOnce)
        for _ in 0..<3 {
            let failure = #expect(throws: Failure.self) { _ = try files.next() }
            #expect(failure?.code == .ioError)
        }
        #expect(try incoming() == 0)
    }
}
