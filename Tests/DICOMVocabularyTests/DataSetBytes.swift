// Data sets written by hand, right and wrong ones.

import DICOMVocabulary

/// Not the one of Swift Testing.
typealias Tag = DICOMVocabulary.Tag

/// Appends elements in one encoding; lengths are what the caller says, not what would be right.
struct DataSetBytes {
    var bytes: [UInt8] = []
    var implicit = false
    var bigEndian = false

    static let undefined = UInt32.max

    mutating func uint16(_ value: UInt16) {
        let pair = [UInt8(value & 0xFF), UInt8(value >> 8)]
        bytes += bigEndian ? pair.reversed() : pair
    }

    mutating func uint32(_ value: UInt32) {
        let halves = [UInt16(value & 0xFFFF), UInt16(value >> 16)]
        for half in bigEndian ? halves.reversed() : halves { uint16(half) }
    }

    mutating func header(_ tag: Tag, _ vr: String, length: UInt32) {
        uint16(tag.group)
        uint16(tag.element)
        if implicit || tag.group == 0xFFFE { return uint32(length) }
        bytes += Array(vr.utf8)
        if ["OB", "OW", "SQ", "UN", "UT", "OD", "UC", "ZZ"].contains(vr) {
            uint16(0)
            uint32(length)
        } else {
            uint16(UInt16(truncatingIfNeeded: length))
        }
    }

    mutating func element(_ tag: Tag, _ vr: String, _ value: [UInt8]) {
        header(tag, vr, length: UInt32(value.count))
        bytes += value
    }

    mutating func element(_ tag: Tag, _ vr: String, _ text: String) {
        element(tag, vr, Array(text.utf8) + (text.utf8.count % 2 == 1 ? [0x20] : []))
    }

    mutating func item(length: UInt32 = undefined) { header(.item, "", length: length) }
    mutating func itemEnd() { header(.itemDelimitationItem, "", length: 0) }
    mutating func sequenceEnd() { header(.sequenceDelimitationItem, "", length: 0) }

    func scan(
        _ syntax: TransferSyntax = .explicitVRLittleEndian, bounds: ScanBounds = ScanBounds(),
        wanted: Set<Tag> = [.studyInstanceUID, .patientID, .rows]
    ) throws(Failure) -> ScannedHeader {
        var source = MemoryByteSource(bytes)
        return try HeaderScanner(bounds: bounds, wanted: wanted).scan(&source, as: syntax)
    }

    /// The code it fails with.
    func failure(
        _ syntax: TransferSyntax = .explicitVRLittleEndian, bounds: ScanBounds = ScanBounds()
    ) -> Failure.Code? {
        do throws(Failure) {
            _ = try scan(syntax, bounds: bounds)
            return nil
        } catch {
            return error.code
        }
    }
}

/// A source of a length that no test wants to allocate: what is not written is NUL.
struct SparseByteSource: ByteSource {
    let head: [UInt8]
    let count: Int64
    private(set) var bytesRead = 0

    init(head: [UInt8], count: Int64) {
        self.head = head
        self.count = count
    }

    mutating func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(Failure)
        -> Int
    {
        let length = Int(min(Int64(buffer.count), count - offset))
        for index in 0..<length {
            let position = offset + Int64(index)
            buffer[index] = position < Int64(head.count) ? head[Int(position)] : 0
        }
        bytesRead += length
        return length
    }
}
