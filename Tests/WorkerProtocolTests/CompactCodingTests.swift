import DICOMVocabulary
import Testing

@testable import WorkerProtocol

@Suite("Compact messages")
struct CompactCodingTests {
    private func random(_ generator: inout some RandomNumberGenerator) -> StoredInstance {
        func text(_ longest: Int) -> String {
            let scalars = "aåÄ0.9^\\\u{0}\"{}\u{1F3E5}é".unicodeScalars.map { Character($0) }
            return String(
                (0..<Int.random(in: 0...longest, using: &generator)).compactMap { _ in
                    scalars.randomElement(using: &generator)
                })
        }
        func uid() -> UID {
            UID(
                "1.2."
                    + (0..<Int.random(in: 1...30, using: &generator)).map { _ in
                        String(Int.random(in: 0...9, using: &generator))
                    }.joined())
        }
        func number() -> Int { Int.random(in: .min ... .max, using: &generator) }
        let tags = StudyIdentity.tags
        return StoredInstance(
            spoolKey: text(40), sopClass: uid(), sopInstance: uid(), study: uid(), series: uid(),
            transferSyntax: TransferSyntax(uid()), dataSetBytes: Int64(number()), digest: text(64),
            header: InstanceHeader(modality: text(16), bodyPart: text(16), priority: text(6)),
            identity: StudyIdentity(
                characterSet: text(30),
                attributes: (0..<Int.random(in: 0...25, using: &generator)).map { _ in
                    RawAttribute(
                        tag: tags.randomElement(using: &generator) ?? tags[0],
                        vr: VR.allCases.randomElement(using: &generator) ?? .LO,
                        value: (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                            UInt8.random(in: .min ... .max, using: &generator)
                        })
                },
                sequences: (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                    RawSequence(
                        tag: StudyIdentity.sequences.randomElement(using: &generator) ?? tags[0],
                        encoding: RawSequence.Encoding.allCases.randomElement(using: &generator)
                            ?? .explicitLittleEndian,
                        items: (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                            UInt8.random(in: .min ... .max, using: &generator)
                        })
                }, omitted: (0..<Int.random(in: 0...2, using: &generator)).map { _ in tags[0] }),
            highPriority: Bool.random(using: &generator))
    }

    private func body(_ message: some ChannelMessage) throws -> [UInt8] {
        let frame = try Framing.encode(message)
        var buffer = FrameBuffer()
        frame.withUnsafeBytes { buffer.append($0) }
        let body = try #require(try buffer.next())
        #expect(body.count == frame.count - 4)
        return body
    }

    private func stored(_ body: [UInt8]) throws -> StoredInstance {
        guard case .instanceStored(let instance) = try Framing.decode(WorkerMessage.self, from: body) else {
            throw Failure(.unexpected, .person, .instance, detail: "another message")
        }
        return instance
    }

    @Test("An instance comes out as it went in, whatever its values are")
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 4711)
        for _ in 0..<500 {
            let instance = random(&generator)
            #expect(try stored(try body(WorkerMessage.instanceStored(instance))) == instance)
        }
    }

    @Test("A job to send, and how it ended, come out as they went in")
    func sending() throws {
        for (cap, flag) in [(nil, true), (4_000_000, false)] as [(Int64?, Bool)] {
            var job = SendJob(
                spoolKey: "ab12", sopClass: "1.2.3", sopInstance: "1.2.4", transferSyntax: .implicitVRLittleEndian,
                digest: "00ff", pseudonym: nil, announces: flag, bytesPerSecond: cap, tellsSeries: !flag)
            job.pseudonymIsAsBefore = flag
            let sent = try body(OfficeMessage.send(job))
            #expect(sent.first == 4)
            guard case .send(let back) = try Framing.decode(OfficeMessage.self, from: sent) else {
                Issue.record("another message")
                return
            }
            #expect(back.spoolKey == job.spoolKey && back.sopClass == job.sopClass && back.digest == job.digest)
            #expect(back.sopInstance == job.sopInstance && back.transferSyntax == job.transferSyntax)
            #expect(back.pseudonym == nil && back.pseudonymIsAsBefore == flag && back.announces == flag)
            #expect(back.bytesPerSecond == cap && back.tellsSeries == !flag)
        }
        for status: UInt16? in [nil, 0, 0xB000] {
            let outcome = SendOutcome(
                status: status, failure: nil, laneUsable: status != nil, bytes: 1 << 40, seconds: 0.1)
            let told = try body(WorkerMessage.sent(outcome))
            #expect(told.first == 5)
            guard case .sent(let back) = try Framing.decode(WorkerMessage.self, from: told) else {
                Issue.record("another message")
                return
            }
            #expect(back.status == status && back.failure == nil && back.laneUsable == outcome.laneUsable)
            #expect(back.bytes == outcome.bytes && back.seconds == outcome.seconds)
        }
    }

    @Test("A job with a patient in it, and a failure, travel with their names")
    func inJSON() throws {
        let failure = Failure(.ioError, .tryAgain, .instance, detail: "no")
        let outcome = SendOutcome(status: 0xA700, failure: failure, laneUsable: true, bytes: 1, seconds: 2)
        guard
            case .sent(let back) = try Framing.decode(
                WorkerMessage.self, from: try body(WorkerMessage.sent(outcome)))
        else {
            Issue.record("another message")
            return
        }
        #expect(back.failure == failure && back.status == 0xA700)
    }

    @Test("A verdict comes out as it went in")
    func verdict() throws {
        for status in [0, 0x0111, 0xA700, 0xC000, 0xFFFF] as [UInt16] {
            for keep in [true, false] {
                let verdict = StoreVerdict(status: status, keepFile: keep)
                guard
                    case .verdict(let read) = try Framing.decode(
                        OfficeMessage.self, from: try body(OfficeMessage.verdict(verdict)))
                else {
                    Issue.record("another message")
                    return
                }
                #expect(read == verdict)
            }
        }
    }

    @Test("What is cut off, or goes on, is refused, and no damage reads beyond the end")
    func damage() throws {
        var generator = SeededGenerator(seed: 1147)
        let whole = try body(WorkerMessage.instanceStored(random(&generator)))
        for end in 1..<whole.count { #expect(throws: Failure.self) { try stored(Array(whole[..<end])) } }
        #expect(throws: Failure.self) { try stored(whole + [0]) }
        for _ in 0..<5000 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                damaged[Int.random(in: damaged.indices, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            // Understood or refused; a crash would end the tests.
            _ = try? stored(damaged)
        }
    }

    @Test("The beginning of an object names it")
    func begun() throws {
        guard
            case .instanceBegun("1.2.3") = try Framing.decode(
                WorkerMessage.self, from: try body(WorkerMessage.instanceBegun("1.2.3")))
        else {
            Issue.record("another message")
            return
        }
    }

    @Test("A form of another version is refused")
    func unknownForm() {
        #expect(throws: Failure.self) { try Framing.decode(WorkerMessage.self, from: [7, 0, 0]) }
        #expect(throws: Failure.self) { try Framing.decode(OfficeMessage.self, from: [7]) }
        #expect(throws: Failure.self) { try Framing.decode(OfficeMessage.self, from: []) }
    }

    @Test("A count that promises more than the frame holds asks for no memory")
    func greed() {
        var writer = CompactWriter(1)
        writer.put(UInt32.max)
        let frame = writer.frame()
        #expect(throws: Failure.self) { try stored(Array(frame[4...])) }
    }
}

/// SplitMix64: the same numbers in every run.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
