// An identity as one word, because it goes with every instance from the workshop to the office.

/// Hexadecimal digits, fields divided by commas: the bytes of the character set, then for each attribute its tag, the two
/// letters of its VR, and its value; for each sequence its tag, `SQ`, the number of its encoding, and its items; for what
/// was too long its tag alone. Vaults hold rows from before there were sequences: those end with the attributes. As
/// arrays of numbers the values cost more than all else in the message.
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
            word.append(attribute.tag)
            word += attribute.vr.rawValue.utf8
            for byte in attribute.value { word.append(hexadecimal: byte) }
        }
        for sequence in sequences {
            word.append(sequence.tag)
            word += VR.SQ.rawValue.utf8
            word.append(hexadecimal: sequence.encoding.rawValue)
            for byte in sequence.items { word.append(hexadecimal: byte) }
        }
        for tag in omitted { word.append(tag) }
        var container = encoder.singleValueContainer()
        try container.encode(String(decoding: word, as: UTF8.self))
    }

    fileprivate static let comma = UInt8(ascii: ",")

    private init?(word: [UInt8]) {
        let fields = word.split(separator: Self.comma, omittingEmptySubsequences: false)
        guard let first = fields.first, let characterSet = Self.bytes(first),
            let text = String(validating: characterSet, as: UTF8.self)
        else { return nil }
        var attributes: [RawAttribute] = []
        attributes.reserveCapacity(fields.count - 1)
        var sequences: [RawSequence] = []
        var omitted: [Tag] = []
        for field in fields.dropFirst() {
            guard field.count >= 8, let digits = Self.bytes(field.prefix(8)) else { return nil }
            let tag = Tag(rawValue: digits.reduce(0) { $0 << 8 | UInt32($1) })
            let rest = field.dropFirst(8)
            if rest.isEmpty {
                omitted.append(tag)
                continue
            }
            guard rest.count >= 2, let vr = VR(rawValue: String(decoding: rest.prefix(2), as: UTF8.self)),
                let value = Self.bytes(rest.dropFirst(2))
            else { return nil }
            if vr == .SQ {
                guard let first = value.first, let encoding = RawSequence.Encoding(rawValue: first) else { return nil }
                sequences.append(RawSequence(tag: tag, encoding: encoding, items: Array(value.dropFirst())))
            } else {
                attributes.append(RawAttribute(tag: tag, vr: vr, value: value))
            }
        }
        self.init(characterSet: text, attributes: attributes, sequences: sequences, omitted: omitted)
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
    /// A field begins.
    fileprivate mutating func append(_ tag: Tag) {
        append(StudyIdentity.comma)
        for shift in [24, 16, 8, 0] { append(hexadecimal: UInt8(truncatingIfNeeded: tag.rawValue >> shift)) }
    }

    fileprivate mutating func append(hexadecimal byte: UInt8) {
        for nibble in [byte >> 4, byte & 15] { append(nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10) }
    }
}
