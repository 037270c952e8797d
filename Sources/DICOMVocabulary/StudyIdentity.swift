// What a study said about its patient, in the bytes in which it said it.

/// One attribute as it stood in a source data set: raw value bytes without padding, in the study's character set.
package struct RawAttribute: Hashable, Sendable {
    package let tag: Tag
    package let vr: VR
    package let value: [UInt8]

    package init(tag: Tag, vr: VR, value: [UInt8]) {
        self.tag = tag
        self.vr = vr
        self.value = value
    }
}

/// One sequence as it stood in a source data set: its items as they were encoded (PS3.5 7.5), without a delimiter behind
/// the last. Text is in the study's character set, or in that which an item declares for itself.
package struct RawSequence: Hashable, Sendable {
    package enum Encoding: UInt8, Sendable, CaseIterable {
        case implicitLittleEndian = 1
        case explicitLittleEndian, explicitBigEndian
    }

    package let tag: Tag
    package let encoding: Encoding
    package let items: [UInt8]

    package init(tag: Tag, encoding: Encoding, items: [UInt8]) {
        self.tag = tag
        self.encoding = encoding
        self.items = items
    }
}

/// The identity of a study's patient and order, as received. It lives in messages, in memory and sealed in the Vault,
/// never in the journal, a log or a file name, so it has no textual description of its own.
package struct StudyIdentity: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Specific Character Set (0008,0005) of the source, with its backslashes; empty where the source declared none.
    package let characterSet: String
    package let attributes: [RawAttribute]
    package let sequences: [RawSequence]
    /// What the source had of `circumstances` and `sequenceTags`, but too long to be kept.
    package let omitted: [Tag]

    package init(
        characterSet: String, attributes: [RawAttribute], sequences: [RawSequence] = [], omitted: [Tag] = []
    ) {
        self.characterSet = characterSet
        self.attributes = attributes
        self.sequences = sequences
        self.omitted = omitted
    }

    package var description: String { "StudyIdentity(\(attributes.count) attributes)" }

    package subscript(tag: Tag) -> [UInt8]? { attributes.first { $0.tag == tag }?.value }

    /// A value as text: ASCII and UTF-8 as they are, any other byte as Latin-1. Good for the identifiers, which are
    /// ASCII; names are decoded by the workshop with their declared character set.
    package func text(_ tag: Tag) -> String {
        guard let value = self[tag] else { return "" }
        return String(validating: value, as: UTF8.self)
            ?? String(String.UnicodeScalarView(value.map { Unicode.Scalar($0) }))
    }

    /// The attributes that are taken from a source header whatever their length: those by which patient and order are
    /// known (Patient and General Study modules, PS3.3 C.7.1.1 and C.7.2.1) and those that routing reads.
    package static let tags: [Tag] = [
        Tag(0x0008, 0x0020), Tag(0x0008, 0x0030), Tag(0x0008, 0x0050), Tag(0x0008, 0x0090), Tag(0x0008, 0x1030),
        Tag(0x0010, 0x0010), Tag(0x0010, 0x0020), Tag(0x0010, 0x0021), Tag(0x0010, 0x0030), Tag(0x0010, 0x0032),
        Tag(0x0010, 0x0040), Tag(0x0010, 0x1000), Tag(0x0010, 0x1001), Tag(0x0010, 0x1010), Tag(0x0010, 0x1020),
        Tag(0x0010, 0x1030), Tag(0x0010, 0x1040), Tag(0x0010, 0x2154), Tag(0x0020, 0x000D), Tag(0x0020, 0x0010),
        Tag(0x0032, 0x1060), Tag(0x0038, 0x0010), Tag(0x0040, 0x1001), Tag(0x0040, 0x2016), Tag(0x0040, 0x2017),
    ]
}
