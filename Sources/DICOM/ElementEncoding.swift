// The bytes of one element (PS3.5 7.1.2).

package import DICOMVocabulary

/// Encodes single elements without a data set.
package enum ElementEncoding {
    /// Header and padded value in explicit VR little endian; `.unknown` is written as UN (PS3.5 6.2.2).
    package static func explicitLittleEndian(_ tag: Tag, _ vr: VR, _ value: [UInt8]) throws(Failure) -> [UInt8] {
        let vr = vr == .unknown ? VR.UN : vr
        let value = padded(value, vr)
        var bytes = littleEndian(tag.group) + littleEndian(tag.element) + Array(vr.rawValue.utf8)
        if vr.hasLongLength {
            guard let length = UInt32(exactly: value.count), length != .max else { throw tooLong(tag) }
            bytes += [0, 0] + littleEndian(UInt16(length & 0xFFFF)) + littleEndian(UInt16(length >> 16))
        } else {
            guard let length = UInt16(exactly: value.count) else { throw tooLong(tag) }
            bytes += littleEndian(length)
        }
        return bytes + value
    }

    /// To an even length: text with a space, UI and the rest with NUL (PS3.5 6.2).
    package static func padded(_ value: [UInt8], _ vr: VR) -> [UInt8] {
        guard value.count % 2 == 1 else { return value }
        return value + [vr.isText && vr != .UI ? 0x20 : 0]
    }

    private static func littleEndian(_ number: UInt16) -> [UInt8] { [UInt8(number & 0xFF), UInt8(number >> 8)] }

    private static func tooLong(_ tag: Tag) -> Failure {
        Failure(.tooLarge, .person, .instance, detail: "the value of \(tag) is too long for its representation")
    }
}
