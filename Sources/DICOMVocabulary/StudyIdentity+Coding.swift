// An identity as one word, because it goes with every instance from the workshop to the office.

/// Hexadecimal digits, fields divided by commas: the bytes of the character set, then for each attribute its tag, the two
/// letters of its VR, and its value. As arrays of numbers the values cost more than all else in the message.
extension StudyIdentity {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let word = try container.decode(String.self)
        guard let identity = StudyIdentity(word: Array(word.utf8)) else {
            // Without the word itself, which names a patient.
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an identity")
        }
        self = identity
    }

    package func encode(to encoder: any Encoder) throws {
        var word: [UInt8] = []
        word.reserveCapacity(512)
        for byte in characterSet.utf8 { word.append(hexadecimal: byte) }
        for attribute in attributes {
            word.append(Self.comma)
            for shift in [24, 16, 8, 0] {
                word.append(hexadecimal: UInt8(truncatingIfNeeded: attribute.tag.rawValue >> shift))
            }
            word += attribute.vr.rawValue.utf8
            for byte in attribute.value { word.append(hexadecimal: byte) }
        }
        var container = encoder.singleValueContainer()
        try container.encode(String(decoding: word, as: UTF8.self))
    }

    private static let comma = UInt8(ascii: ",")

    private init?(word: [UInt8]) {
        let fields = word.split(separator: Self.comma, omittingEmptySubsequences: false)
        guard let first = fields.first, let characterSet = Self.bytes(first),
            let text = String(validating: characterSet, as: UTF8.self)
        else { return nil }
        var attributes: [RawAttribute] = []
        attributes.reserveCapacity(fields.count - 1)
        for field in fields.dropFirst() {
            guard field.count >= 10, let tag = Self.bytes(field.prefix(8)), let value = Self.bytes(field.dropFirst(10)),
                let vr = VR(rawValue: String(decoding: field.dropFirst(8).prefix(2), as: UTF8.self))
            else { return nil }
            attributes.append(
                RawAttribute(tag: Tag(rawValue: tag.reduce(0) { $0 << 8 | UInt32($1) }), vr: vr, value: value))
        }
        self.init(characterSet: text, attributes: attributes)
    }

    private static func bytes(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        var index = digits.startIndex
        while index < digits.endIndex {
            guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
            index += 2
        }
        return bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(hexadecimal byte: UInt8) {
        for nibble in [byte >> 4, byte & 15] { append(nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10) }
    }
}
