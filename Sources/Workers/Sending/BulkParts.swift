// Group 7FE0 on its way out: never copied.

import DICOM
import DICOMNetwork
import DICOMVocabulary

/// The parts of a data set that stand for group 7FE0 of a file.
enum BulkParts {
    /// Elements that hold nothing but samples, and the tables that find them (PS3.3 C.7.6.3, C.7.6.24–25).
    private static let known: Set<Tag> = [
        Tag(0x7FE0, 0x0001), Tag(0x7FE0, 0x0002), Tag(0x7FE0, 0x0003), Tag(0x7FE0, 0x0008), Tag(0x7FE0, 0x0009),
        .pixelData,
    ]

    /// Retired (PS3.5 7.2), of UL, and so 12 bytes long in every syntax. It would be wrong after any rewriting, and is
    /// left out of every data set that we write, like the lengths of the other groups.
    private static let groupLength = Tag(0x7FE0, 0x0000)

    /// What is sent unseen to a reader that must not know the patient has to be samples and nothing else.
    static func checkUnseen(_ header: ScannedHeader) throws(Failure) {
        guard let stranger = header.bulkTags.first(where: { !known.contains($0) && $0 != groupLength }) else { return }
        throw Failure(
            .pixelsMayIdentify, .person, .instance, detail: "\(stranger) in the pixel data group is not known",
            hint: "Send the study to an identified destination, or have the object corrected at its source.")
    }

    /// The group as it stands, or with its element headers rewritten between implicit and explicit VR little endian
    /// (PS3.5 7.1): the values are the same bytes, because OW, OF and OD are little endian in both.
    static func make(_ file: InstanceFile, as syntax: TransferSyntax) throws(Failure) -> [DataSetPart] {
        guard let all = file.header.bulk else { return [] }
        let bulk = try withoutGroupLength(all, file)
        guard file.header.transferSyntax != syntax else {
            return [DataSetPart(of: file, bulk)]
        }
        var parts: [DataSetPart] = []
        var offset = bulk.lowerBound
        while offset < bulk.upperBound {
            let head = try file.read(offset..<min(offset + 12, bulk.upperBound))
            let element = try ElementHead(head, isImplicit: file.header.transferSyntax.isImplicitVR)
            let value = offset + Int64(element.size)
            guard element.length <= bulk.upperBound - value else { throw damaged }
            parts.append(.bytes(element.encoded(isImplicit: syntax.isImplicitVR)))
            parts.append(DataSetPart(of: file, value..<value + element.length))
            offset = value + element.length
        }
        return parts
    }

    private static func withoutGroupLength(_ bulk: Range<Int64>, _ file: InstanceFile) throws(Failure) -> Range<Int64> {
        guard file.header.bulkTags.first == groupLength else { return bulk }
        let size: Int64 = 12
        guard bulk.upperBound - bulk.lowerBound >= size else { throw damaged }
        let head = try file.read(bulk.lowerBound..<bulk.lowerBound + size)
        // The length of the value is 4: 32 bits of it in implicit VR, 16 in explicit VR, in the file's byte order.
        let length =
            switch file.header.transferSyntax {
            case .implicitVRLittleEndian: head[4..<8].elementsEqual([4, 0, 0, 0])
            case .explicitVRBigEndian: head[6..<8].elementsEqual([0, 4])
            default: head[6..<8].elementsEqual([4, 0])
            }
        guard length else { throw damaged }
        return bulk.lowerBound + size..<bulk.upperBound
    }

    static let damaged = Failure(
        .unreadable, .person, .instance, detail: "pixel data that cannot be rewritten in another transfer syntax")
}

extension DataSetPart {
    /// Bytes of an instance as they stand.
    init(of file: InstanceFile, _ range: Range<Int64>) {
        let (offset, length) = (range.lowerBound, range.upperBound - range.lowerBound)
        switch file.place {
        case .file(let descriptor): self = .file(descriptor, offset: offset, length: length)
        case .memory(let memory): self = .memory(memory, offset: offset, length: length)
        }
    }
}

/// Tag, VR and length of an element of defined length in little endian.
private struct ElementHead {
    let tag: [UInt8]
    let representation: [UInt8]
    let length: Int64
    let size: Int

    init(_ bytes: [UInt8], isImplicit: Bool) throws(Failure) {
        guard bytes.count >= (isImplicit ? 8 : 12) else { throw BulkParts.damaged }
        tag = Array(bytes[0..<4])
        let lengthAt: Int
        if isImplicit {
            lengthAt = 4
            // PS3.5 A.1: pixel data in implicit VR are OW.
            representation = Array((bytes[2] == 0x08 ? "OF" : bytes[2] == 0x09 ? "OD" : "OW").utf8)
        } else {
            lengthAt = 8
            representation = Array(bytes[4..<6])
            guard VR(letters: (bytes[4], bytes[5]))?.hasLongLength == true else { throw BulkParts.damaged }
        }
        length = bytes[lengthAt..<lengthAt + 4].reversed().reduce(0) { $0 << 8 | Int64($1) }
        size = lengthAt + 4
        guard length != 0xFFFF_FFFF else { throw BulkParts.damaged }
    }

    func encoded(isImplicit: Bool) -> [UInt8] {
        let written = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: length >> $0) }
        return isImplicit ? tag + written : tag + representation + [0, 0] + written
    }
}
