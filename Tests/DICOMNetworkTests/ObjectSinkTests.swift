import DICOMVocabulary
import Foundation
import Testing

@testable import DICOMNetwork

@Suite("An object on its way to a file and back")
struct ObjectSinkTests {
    /// Pieces as PDUs bring them, which end nowhere near a block.
    private static let piece = 131_060

    private func object(_ length: Int, seed: UInt8 = 1) -> [UInt8] {
        (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) &+ seed }
    }

    private func withFile(_ body: (String, CInt) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("sink-\(UUID().uuidString)").path
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        #expect(descriptor >= 0)
        defer {
            close(descriptor)
            unlink(path)
        }
        try body(path, descriptor)
    }

    private func write(_ bytes: [UInt8], to sink: ObjectSink) -> Failure? { put(bytes, into: sink) ?? sink.finish() }

    private func put(_ bytes: [UInt8], into sink: ObjectSink) -> Failure? {
        for start in stride(from: 0, to: bytes.count, by: Self.piece) {
            let failure = bytes[start..<min(bytes.count, start + Self.piece)].withUnsafeBytes(sink.write)
            if let failure { return failure }
        }
        return nil
    }

    private static let lengths = [
        0, 1, 4095, 4096, 4097, 131_900, 262_144, 300_000, 526_336, 526_500, Staging.capacity - 1, Staging.capacity,
        Staging.capacity + 1, Staging.capacity + 700_001,
    ]

    @Test("A file holds what came, whatever its length, and what was written can be read", arguments: lengths)
    func whole(length: Int) throws {
        let staging = try #require(Staging())
        for seed: UInt8 in [1, 2] {
            try withFile { path, descriptor in
                let bytes = object(length, seed: seed)
                let sink = ObjectSink(descriptor, staging: staging)
                #expect(write(bytes, to: sink) == nil)
                let file = try Data(contentsOf: URL(fileURLWithPath: path))
                #expect(file == Data(bytes))
                #expect(sink.count == length)
                #expect((sink.memory != nil) == (length <= Staging.capacity))
                if let memory = sink.memory { #expect(Array(memory[0..<sink.count]) == bytes) }
            }
        }
    }

    @Test("While its last bytes are written the whole object can be looked at in memory", arguments: lengths)
    func meanwhile(length: Int) throws {
        let staging = try #require(Staging())
        try withFile { path, descriptor in
            let bytes = object(length)
            let sink = ObjectSink(descriptor, staging: staging)
            #expect(put(bytes, into: sink) == nil)
            sink.goOn()
            // One that outgrew the memory is read from its file.
            #expect(sink.memory.map { Array($0[0..<sink.count]) } == (length <= Staging.capacity ? bytes : nil))
            for _ in 1...2 {
                #expect(sink.finish() == nil)
                let file = try Data(contentsOf: URL(fileURLWithPath: path))
                #expect(file == Data(bytes))
            }
        }
    }

    @Test("What is read past the page cache is what the file holds", arguments: lengths)
    func load(length: Int) throws {
        let staging = try #require(Staging())
        try withFile { path, _ in
            let bytes = object(length)
            try Data(object(Staging.capacity, seed: 9)).write(to: URL(fileURLWithPath: path))
            _ = try staging.load(path: path)
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            guard let count = try staging.load(path: path) else {
                #expect(length > Staging.capacity)
                return
            }
            #expect(Array(staging.memory[0..<count]) == bytes)
        }
    }

    @Test("A file that is not there is left to who reads it in the usual way")
    func missing() throws {
        let staging = try #require(Staging())
        let found = try staging.load(path: "/nowhere/at/all")
        #expect(found == nil)
    }

    @Test("A full disk is told, with a staging and without", arguments: [true, false])
    func full(isStaged: Bool) throws {
        let descriptor = open("/dev/full", O_RDWR)
        defer { close(descriptor) }
        let sink = ObjectSink(descriptor, staging: isStaged ? Staging() : nil)
        #expect(write(object(526_500), to: sink)?.code == .spoolFull)
        #expect(sink.finish()?.code == .spoolFull, "it stays so")
    }

    @Test("Behind a head that was written before, an object goes on in the usual way")
    func behind() throws {
        try withFile { path, descriptor in
            #expect(Foundation.write(descriptor, "head", 4) == 4)
            let sink = ObjectSink(descriptor, staging: Staging())
            #expect(write(object(300_000), to: sink) == nil)
            #expect(sink.count == 300_004)
            let file = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(file == Data("head".utf8) + Data(object(300_000)))
        }
    }

    @Test("An object that ends in the middle leaves nothing behind that could reach the next one's file")
    func abandoned() throws {
        let staging = try #require(Staging())
        for seed: UInt8 in [1, 2, 3] {
            try withFile { first, descriptor in
                let lost = object(700_000, seed: seed)
                var sink: ObjectSink? = ObjectSink(descriptor, staging: staging)
                for start in stride(from: 0, to: 600_000, by: 100_000) {
                    #expect(lost[start..<start + 100_000].withUnsafeBytes { sink?.write($0) } == nil)
                }
                // As where an association breaks: the descriptor is another file's before the sink is let go.
                try withFile { path, other in
                    #expect(dup2(other, descriptor) == descriptor)
                    sink = nil
                    let bytes = object(300_000, seed: seed &+ 7)
                    #expect(write(bytes, to: ObjectSink(other, staging: staging)) == nil)
                    let file = try Data(contentsOf: URL(fileURLWithPath: path))
                    #expect(file == Data(bytes))
                }
                let beginning = try Data(contentsOf: URL(fileURLWithPath: first))
                #expect(beginning == Data(lost.prefix(beginning.count)))
            }
        }
    }
}
