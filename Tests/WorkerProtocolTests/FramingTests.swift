import DICOMVocabulary
import Foundation
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

    @Test("a message of more than the bound is not sent")
    func oversizeFrame() throws {
        #expect(try Framing.frame(Data(count: 100), maximum: 100).count == 104)
        #expect(throws: Failure.self) { try Framing.frame(Data(count: 101), maximum: 100) }
    }

    @Test("a length beyond the bound is refused before its bytes arrive", arguments: [16_777_216, 16_777_217])
    func oversize(maximum: Int) throws {
        var buffer = FrameBuffer(maximum: maximum)
        feed([0x01, 0x00, 0x00, 0x01], to: &buffer)
        if maximum < 16_777_217 {
            #expect(throws: Failure.self) { try buffer.next() }
        } else {
            #expect(try buffer.next() == nil)
        }
    }

    @Test("a hundred thousand damaged streams of frames neither trap nor bring more than came")
    func damagedStreams() throws {
        var state: UInt64 = 0xF4A3E
        func draw(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }
        var whole: [UInt8] = []
        for count in 0..<3 { whole += try Framing.encode(WorkerMessage.progress(bytes: Int64(count))) }
        var refused = 0
        var understood = 0
        for _ in 0..<100_000 {
            var bytes = whole
            for _ in 0...draw(3) {
                let place = draw(bytes.count)
                switch draw(4) {
                case 0: bytes[place] = UInt8(draw(256))
                case 1: bytes[place] ^= 1 << UInt8(draw(8))
                case 2: bytes.remove(at: place)
                default: bytes.insert(UInt8(draw(256)), at: place)
                }
            }
            var buffer = FrameBuffer(maximum: 1024)
            let cut = draw(bytes.count)
            feed(bytes[..<cut], to: &buffer)
            feed(bytes[cut...], to: &buffer)
            var came = 0
            do throws(Failure) {
                while let body = try buffer.next() {
                    came += body.count + 4
                    // The forms in JSON are Foundation's to read; a few of them are enough here.
                    guard body.first.map({ $0 < 0x20 }) ?? true || draw(20) == 0 else { continue }
                    if (try? Framing.decode(WorkerMessage.self, from: body)) != nil { understood += 1 }
                }
            } catch {
                refused += 1
                if error.code != .tooLarge { Issue.record("\(error)") }
            }
            if came > bytes.count { Issue.record("more than came") }
        }
        #expect(refused > 1000 && understood > 1000)
    }

    @Test("what is not a message is refused without quoting it")
    func nonsense() {
        let error = #expect(throws: Failure.self) {
            try Framing.decode(WorkerMessage.self, from: Array(#"{"Svensson^Anna":{}}"#.utf8))
        }
        #expect(error?.detail.contains("Svensson") == false)
    }
}
