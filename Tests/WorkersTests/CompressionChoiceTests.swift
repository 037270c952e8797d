import Testing

@testable import Workers

@Suite("Whether compression pays on a lane")
struct CompressionChoiceTests {
    private static let object: Int64 = 525_000

    /// Sends `count` instances over a line on which they take so many seconds; gives how many left compressed.
    private func send(
        _ count: Int, _ choice: inout CompressionChoice, compressed: Double, codec: Double = 0.02, plain: Double
    ) -> Int {
        var squeezed = 0
        for _ in 0..<count {
            let isCompressed = choice.wantsCompression
            squeezed += isCompressed ? 1 : 0
            choice.sent(
                bytes: Self.object, seconds: isCompressed ? compressed : plain, codec: isCompressed ? codec : nil)
        }
        return squeezed
    }

    @Test("a slow line gets compressed objects, but for a probe now and then")
    func slow() {
        var choice = CompressionChoice()
        #expect((188..<200).contains(send(200, &choice, compressed: 0.3, codec: 0.04, plain: 0.7)))
    }

    @Test("a line beside which the codec takes next to nothing gets no probe")
    func long() {
        var choice = CompressionChoice()
        #expect(send(200, &choice, compressed: 0.3, codec: 0.02, plain: 0.2) == 200)
        #expect(send(200, &choice, compressed: 0.03, codec: 0.02, plain: 0.005) <= 20)
    }

    @Test("a line faster than the codec soon gets objects as received")
    func fast() {
        var choice = CompressionChoice()
        #expect(send(200, &choice, compressed: 0.03, plain: 0.005) <= 20)
    }

    @Test("a line that drops in the middle is noticed, in either direction")
    func change() {
        var choice = CompressionChoice()
        _ = send(100, &choice, compressed: 0.03, plain: 0.005)
        _ = send(60, &choice, compressed: 1.6, plain: 4.2)
        #expect(choice.wantsCompression || send(2, &choice, compressed: 1.6, plain: 4.2) > 0)
        #expect(send(100, &choice, compressed: 1.6, plain: 4.2) >= 90)
        _ = send(60, &choice, compressed: 0.03, plain: 0.005)
        #expect(send(100, &choice, compressed: 0.03, plain: 0.005) <= 10)
    }

    @Test("small objects say nothing of the line")
    func small() {
        var choice = CompressionChoice()
        for _ in 0..<100 { choice.sent(bytes: 2000, seconds: 0.3, codec: 0.001) }
        #expect(choice.wantsCompression)
        #expect(send(3, &choice, compressed: 0.3, plain: 0.7) == 3)
    }
}
