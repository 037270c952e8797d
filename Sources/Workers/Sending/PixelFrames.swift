// The frames of Pixel Data in a file, one at a time.

import DICOM
import DICOMVocabulary

/// Finds Pixel Data (7FE0,0010) and reads its frames as native samples (PS3.5 A.4, 8.2). One frame is in memory at a time,
/// so that memory does not grow with their number. One thread.
struct PixelFrames {
    /// Bytes of one native frame that are worth the memory of a worker.
    static let maximumFrame = 256 << 20

    let file: InstanceFile
    /// As the data set describes what is stored.
    let format: PixelFormat
    let syntax: TransferSyntax
    /// The value of Pixel Data, or its items.
    let value: Range<Int64>
    /// The fragments of each frame; empty for native pixels.
    let fragments: [[Range<Int64>]]

    /// Fails with `.unreadable` where frames cannot be told apart, and with `.tooLarge` for frames beyond the limit.
    init(_ file: InstanceFile, _ format: PixelFormat) throws(Failure) {
        self.file = file
        self.format = format
        syntax = file.header.transferSyntax
        guard let bytes = format.frameBytes else {
            throw Self.unreadable("samples of \(format.allocated) bits")
        }
        guard bytes <= Self.maximumFrame else {
            throw Failure(.tooLarge, .person, .instance, detail: "a frame of \(bytes) bytes")
        }
        value = try Self.value(in: file)
        fragments = syntax.isEncapsulated ? try Self.fragments(file, value, format.frames) : []
        if !syntax.isEncapsulated, nativeBytes > value.upperBound - value.lowerBound {
            throw Self.unreadable("pixel data shorter than rows, columns and frames say")
        }
    }

    var count: Int { format.frames }

    /// Of all frames without compression.
    var nativeBytes: Int64 { Int64(format.frameBytes ?? 0) * Int64(count) }

    /// The compressed bytes of a frame.
    func compressed(_ index: Int) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        for fragment in fragments[index] {
            guard bytes.count + fragment.count <= Self.maximumFrame else {
                throw Failure(.tooLarge, .person, .instance, detail: "a compressed frame beyond the limit")
            }
            bytes += try file.read(fragment)
        }
        return bytes
    }

    /// The samples of a frame, and how they lie: decoding may change the colour's form.
    func native(_ index: Int) throws(Failure) -> (samples: [UInt8], format: PixelFormat) {
        guard !fragments.isEmpty else {
            let length = Int64(format.frameBytes ?? 0)
            let start = value.lowerBound + Int64(index) * length
            return (try file.read(start..<start + length), format)
        }
        var decoded = format
        let samples = try PixelCodec.decode(try compressed(index), syntax, &decoded)
        return (samples, decoded)
    }

    // MARK: Finding

    /// The value of Pixel Data.
    static func value(in file: InstanceFile) throws(Failure) -> Range<Int64> {
        guard let found = try elements(in: file).first(where: { $0.tag == .pixelData }) else {
            throw unreadable("no pixel data")
        }
        return found.value
    }

    /// What group 7FE0 is made of. Elements before Pixel Data have defined lengths.
    static func elements(in file: InstanceFile) throws(Failure) -> [(tag: Tag, value: Range<Int64>)] {
        guard let bulk = file.header.bulk else { return [] }
        let isImplicit = file.header.transferSyntax.isImplicitVR
        let isBig = file.header.transferSyntax.isBigEndian
        var all: [(tag: Tag, value: Range<Int64>)] = []
        var offset = bulk.lowerBound
        while offset < bulk.upperBound {
            let head = try file.read(offset..<min(offset + 12, bulk.upperBound))
            guard head.count >= 8 else { throw unreadable("the group of the pixels ends inside of an element") }
            func number(_ start: Int, _ count: Int) -> Int64 {
                let part = head[start..<start + count]
                return (isBig ? Array(part) : part.reversed()).reduce(0) { $0 << 8 | Int64($1) }
            }
            var (size, length) = (8, isImplicit ? number(4, 4) : number(6, 2))
            if !isImplicit, VR(letters: (head[4], head[5]))?.hasLongLength == true {
                guard head.count == 12 else { throw unreadable("the group of the pixels ends inside of an element") }
                (size, length) = (12, number(8, 4))
            }
            let start = offset + Int64(size)
            let tag = Tag(UInt16(number(0, 2)), UInt16(number(2, 2)))
            let isLast = length == 0xFFFF_FFFF
            let end = isLast ? bulk.upperBound : start + length
            guard start <= end, end <= bulk.upperBound, !isLast || tag == .pixelData else {
                throw unreadable("an element of the pixels' group ends outside of it")
            }
            all.append((tag, start..<end))
            offset = end
        }
        return all
    }

    /// The items of encapsulated pixel data: the offset table, then the fragments (PS3.5 A.4).
    static func items(_ file: InstanceFile, _ value: Range<Int64>) throws(Failure) -> [Range<Int64>] {
        var items: [Range<Int64>] = []
        var offset = value.lowerBound
        while offset + 8 <= value.upperBound {
            let head = try file.read(offset..<offset + 8)
            let length = head[4..<8].reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
            guard head[0..<4].elementsEqual([0xFE, 0xFF, 0x00, 0xE0]) else { break }
            let start = offset + 8
            guard start + length <= value.upperBound else { throw unreadable("a fragment that ends outside") }
            items.append(start..<start + length)
            offset = start + length
        }
        return items
    }

    /// The fragments of each frame: by their number, by the offset table, or all of them where there is one frame.
    private static func fragments(
        _ file: InstanceFile, _ value: Range<Int64>, _ frames: Int
    ) throws(Failure) -> [[Range<Int64>]] {
        var items = try items(file, value)
        guard let table = items.first, items.count > 1 else { throw unreadable("pixel data without fragments") }
        items.removeFirst()
        if items.count == frames { return items.map { [$0] } }
        if frames == 1 { return [items] }
        let bytes = try file.read(table)
        guard bytes.count == frames * 4 else { throw unreadable("fragments that no offset table gives to frames") }
        let base = items[0].lowerBound - 8
        var starts: [Int64] = []
        for index in 0..<frames {
            starts.append(base + bytes[index * 4..<index * 4 + 4].reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) })
        }
        starts.append(value.upperBound)
        let grouped = (0..<frames).map { frame in
            items.filter { $0.lowerBound - 8 >= starts[frame] && $0.lowerBound - 8 < starts[frame + 1] }
        }
        guard grouped.allSatisfy({ !$0.isEmpty }) else { throw unreadable("an offset table that fits no fragments") }
        return grouped
    }

    static func unreadable(_ detail: String) -> Failure {
        Failure(
            .pixelsMayIdentify, .person, .instance, detail: "the pixels cannot be looked at: \(detail)",
            hint: "Look at the pixels yourself; release them if they show no name.")
    }
}
