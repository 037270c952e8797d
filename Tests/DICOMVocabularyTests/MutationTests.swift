import DICOMVocabulary
import Testing

/// Made-up data sets and files, some bytes of which are others, cut or put in: what the office's own scanner sees when a
/// peer or a disk has gone wrong. One seed for all, so that a failing one comes back.
@Suite("The header scanner and a hundred thousand damaged objects", .timeLimit(.minutes(5)))
struct MutationTests {
    /// Counts what is read, and fails the test for any read that makes no sense.
    private struct CountingByteSource: ByteSource {
        let bytes: MemoryByteSource
        var bytesRead = 0
        var reads = 0
        var count: Int64 { bytes.count }

        mutating func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
            if offset < 0 || offset > count { Issue.record("a read at \(offset) of \(count)") }
            let got = try bytes.read(at: offset, into: buffer)
            bytesRead += got
            reads += 1
            return got
        }
    }

    private static func object(_ empty: DataSetBytes, random: inout SplitMix) -> [UInt8] {
        var data = empty
        data.element(.specificCharacterSet, "CS", "ISO_IR 100")
        data.element(.studyInstanceUID, "UI", "1.2.752.99.1")
        data.header(Tag(0x0008, 0x1140), "SQ", length: DataSetBytes.undefined)
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            data.item()
            data.element(Tag(0x0008, 0x1155), "UI", "1.2.3")
            data.header(Tag(0x0040, 0xA170), "SQ", length: DataSetBytes.undefined)
            data.item(length: 0)
            data.sequenceEnd()
            data.itemEnd()
        }
        data.sequenceEnd()
        data.element(.patientID, "LO", "19121212-1212")
        data.element(Tag(0x0009, 0x1001), "UN", [1, 2, 3, 4])
        data.element(.rows, "US", [0, 2])
        if Bool.random(using: &random) {
            data.header(.pixelData, "OB", length: DataSetBytes.undefined)
            data.item(length: 0)
            data.item(length: 4)
            data.bytes += [1, 2, 3, 4]
            data.sequenceEnd()
        } else {
            data.element(.pixelData, "OW", [UInt8](repeating: 7, count: 16))
        }
        return data.bytes
    }

    /// Preamble, group 2 and a data set (PS3.10 7.1).
    private static func file(_ dataSet: [UInt8], _ syntax: TransferSyntax) -> [UInt8] {
        var meta = DataSetBytes()
        meta.element(Tag(0x0002, 0x0010), "UI", syntax.uid.string)
        var head = DataSetBytes()
        head.header(Tag(0x0002, 0x0000), "UL", length: 4)
        head.uint32(UInt32(meta.bytes.count))
        return [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + head.bytes + meta.bytes + dataSet
    }

    private static let insertions: [[UInt8]] = [
        [0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF], [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0],
        [0x08, 0x00, 0x40, 0x11, 0x53, 0x51, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0x7F],
        [0, 0, 0, 0x80],
    ]

    private static func damage(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch UInt8.random(in: 0..<6, using: &random) {
            case 0: bytes[place] = .random(in: 0...255, using: &random)
            case 1: bytes[place] = 0xFF
            case 2: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 3: bytes.removeSubrange(place..<min(place + 5, bytes.count))
            case 4: bytes.removeSubrange(place...)
            default: bytes.insert(contentsOf: insertions.randomElement(using: &random) ?? [], at: place)
            }
        }
    }

    @Test("none traps, none is read without end, and what is walked lies within the bytes", arguments: [false, true])
    func scan(asFile: Bool) {
        var random = SplitMix(state: 0xA17190DE)
        let scanner = HeaderScanner(bounds: ScanBounds(), wanted: StudyIdentity.wantedTags.union([.rows]))
        let samples = HeaderScannerTests.encodings.flatMap { syntax, empty in
            (0..<8).map { _ in (syntax, Self.object(empty, random: &random)) }
        }.map { (syntax: $0, bytes: asFile ? Self.file($1, $0) : $1) }
        var walked = 0
        var refused = 0
        for number in 0..<50_000 {
            let sample = samples[number % samples.count]
            var bytes = sample.bytes
            Self.damage(&bytes, &random)
            var source = CountingByteSource(bytes: MemoryByteSource(bytes))
            do throws(Failure) {
                let header = try scanner.scan(&source, as: asFile ? nil : sample.syntax)
                walked += 1
                let fits = header.dataSetOffset >= 0 && header.dataSetOffset <= header.end && header.end <= source.count
                let bulk =
                    header.bulk.map { $0.lowerBound >= header.dataSetOffset && $0.upperBound <= header.end } ?? true
                let held = header.values.values.reduce(0) { $0 + $1.count }
                if !fits || !bulk || held > bytes.count || header.elements > bytes.count || header.depth > 64 {
                    Issue.record("walked beyond its bytes: \(bytes)")
                }
            } catch {
                refused += 1
                if ![.unwalkable, .tooLarge].contains(error.code) { Issue.record("\(error): \(bytes)") }
            }
            // A window at a time, and never back and forth.
            if source.reads > 8 || source.bytesRead > 8 * bytes.count + 64 {
                Issue.record("\(source.reads) reads of \(bytes)")
            }
        }
        #expect(walked > 1000 && refused > 1000)
    }
}
