// The elements of an encoded data set, for the guard: what would leave is what is searched.

internal import DICOMVocabulary

/// Walks the bytes of a data set in explicit VR of either byte order or in implicit VR (PS3.5 7.1, 7.5). Iterative; every
/// length is checked.
struct EncodedWalk {
    let bytes: UnsafeRawBufferPointer
    let isExplicit: Bool
    let isBigEndian: Bool
    /// The sequences around the element, and the item of each.
    private(set) var path: [(tag: Tag, item: Int)] = []
    /// A value of undefined length was no sequence by its representation, and was walked as one.
    private(set) var isAmbiguous = false

    init(bytes: UnsafeRawBufferPointer, transferSyntax: TransferSyntax) {
        self.bytes = bytes
        isExplicit = !transferSyntax.isImplicitVR
        isBigEndian = transferSyntax.isBigEndian
    }

    private struct Frame {
        let isItem: Bool
        /// The offset at which a defined length ends.
        let end: Int?
    }

    private static let undefined = 0xFFFF_FFFF

    /// Calls `visit` for each element that has a value of its own. `nil` for the representation where it is not encoded.
    /// Returns false if the bytes do not make a data set.
    mutating func forEach(_ visit: (EncodedWalk, Tag, VR?, Range<Int>) -> Void) -> Bool {
        var frames: [Frame] = []
        var offset = 0
        while true {
            while let frame = frames.last, let end = frame.end, offset >= end {
                guard offset == end else { return false }
                leave(frames.removeLast())
            }
            guard offset < bytes.count else { return frames.isEmpty }
            guard offset + 8 <= bytes.count else { return false }
            let tag = Tag(read16(offset), read16(offset + 2))
            if tag.group == 0xFFFE {
                let length = read32(offset + 4)
                offset += 8
                switch tag {
                case .item:
                    guard let frame = frames.last, !frame.isItem else { return false }
                    path[path.count - 1].item += 1
                    guard push(Frame(isItem: true, end: length == Self.undefined ? nil : offset + length), &frames)
                    else {
                        return false
                    }
                case .itemDelimitationItem:
                    guard let frame = frames.last, frame.isItem else { return false }
                    frames.removeLast()
                case .sequenceDelimitationItem:
                    guard let frame = frames.last, !frame.isItem else { return false }
                    leave(frames.removeLast())
                default: return false
                }
                continue
            }
            guard frames.last?.isItem ?? true, let header = readHeader(offset) else { return false }
            offset = header.valueOffset
            if header.length == Self.undefined || header.vr == .SQ {
                if let vr = header.vr, vr != .SQ { isAmbiguous = true }
                path.append((tag, -1))
                let end = header.length == Self.undefined ? nil : offset + header.length
                guard push(Frame(isItem: false, end: end), &frames) else { return false }
                continue
            }
            guard offset + header.length <= frames.last?.end ?? bytes.count, offset + header.length <= bytes.count
            else {
                return false
            }
            visit(self, tag, header.vr, offset..<offset + header.length)
            offset += header.length
        }
    }

    private mutating func leave(_ frame: Frame) { if !frame.isItem { path.removeLast() } }

    private func push(_ frame: Frame, _ frames: inout [Frame]) -> Bool {
        guard frame.end ?? 0 <= bytes.count else { return false }
        frames.append(frame)
        return true
    }

    private func readHeader(_ offset: Int) -> (vr: VR?, length: Int, valueOffset: Int)? {
        guard isExplicit else { return (nil, read32(offset + 4), offset + 8) }
        guard let vr = VR(letters: (bytes[offset + 4], bytes[offset + 5])) else { return nil }
        guard vr.hasLongLength else { return (vr, Int(read16(offset + 6)), offset + 8) }
        guard offset + 12 <= bytes.count else { return nil }
        return (vr, read32(offset + 8), offset + 12)
    }

    private func read16(_ offset: Int) -> UInt16 {
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
        return isBigEndian ? UInt16(bigEndian: value) : UInt16(littleEndian: value)
    }

    private func read32(_ offset: Int) -> Int {
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return Int(isBigEndian ? UInt32(bigEndian: value) : UInt32(littleEndian: value))
    }
}
