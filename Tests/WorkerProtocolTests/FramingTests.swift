import DICOMVocabulary
import Testing
import WorkerProtocol

@Suite struct FramingTests {
    private func feed(_ bytes: some Sequence<UInt8>, to buffer: inout FrameBuffer) {
        Array(bytes).withUnsafeBytes { buffer.append($0) }
    }

    @Test("a frame that arrives byte by byte is one message, and only when its last byte is there")
    func bytewise() throws {
        let frame = try Framing.encode(WorkerMessage.progress(bytes: 1 << 40))
        var buffer = FrameBuffer()
        for byte in frame.dropLast() {
            feed([byte], to: &buffer)
            #expect(try buffer.next() == nil)
        }
        feed(frame.suffix(1), to: &buffer)
        let body = try #require(try buffer.next())
        guard case .progress(1_099_511_627_776) = try Framing.decode(WorkerMessage.self, from: body) else {
            Issue.record("another message came out")
            return
        }
        #expect(try buffer.next() == nil)
    }

    @Test("frames that arrive together come out one by one, in order")
    func together() throws {
        var buffer = FrameBuffer()
        var all: [UInt8] = []
        for count in 0..<1000 { all += try Framing.encode(WorkerMessage.progress(bytes: Int64(count))) }
        for start in stride(from: 0, to: all.count, by: 70_001) {
            feed(all[start..<min(all.count, start + 70_001)], to: &buffer)
        }
        for count in 0..<1000 {
            let body = try #require(try buffer.next())
            guard case .progress(let bytes) = try Framing.decode(WorkerMessage.self, from: body) else { continue }
            #expect(bytes == Int64(count))
        }
        #expect(try buffer.next() == nil)
    }

    @Test("a length beyond the bound is refused before its bytes arrive")
    func oversize() {
        var buffer = FrameBuffer()
        feed([0x01, 0x00, 0x00, 0x01], to: &buffer)
        #expect(throws: Failure.self) { try buffer.next() }
    }

    @Test("what is not a message is refused without quoting it")
    func nonsense() {
        let error = #expect(throws: Failure.self) {
            try Framing.decode(WorkerMessage.self, from: Array(#"{"Svensson^Anna":{}}"#.utf8))
        }
        #expect(error?.detail.contains("Svensson") == false)
    }
}
