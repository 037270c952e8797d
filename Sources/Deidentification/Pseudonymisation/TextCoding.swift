// The text of one data set or item, decoded and encoded by its declared character set.

internal import DICOM
internal import DICOMVocabulary

struct TextCoding {
    /// Specific Character Set (0008,0005) with its backslashes; empty for the default repertoire.
    let characterSet: String

    /// Has a place for every character (PS3.3 C.12.1.1.2).
    static let utf8 = TextCoding(characterSet: "ISO_IR 192")

    init(characterSet: String) { self.characterSet = characterSet }

    /// The character set of an item: its own, or the one around it (PS3.3 C.12.1.1.2).
    init(of item: DataSetItem, within outer: TextCoding? = nil) {
        if let element = item[.specificCharacterSet] {
            characterSet = String(decoding: element.value, as: UTF8.self)
        } else {
            characterSet = outer?.characterSet ?? ""
        }
    }

    var isDefaultRepertoire: Bool { ["", "ISO_IR 6", "ISO 2022 IR 6"].contains(characterSet) }

    /// The text of a value. Bytes that contradict the declared character set are read as UTF-8 where they are that, else as
    /// Latin-1, so that a search or a cleaning never misses what a viewer would still show.
    func decode(_ bytes: [UInt8], vr: VR) -> String {
        if bytes.allSatisfy({ $0 < 0x80 && $0 != 0x1B }) { return String(decoding: bytes, as: UTF8.self) }
        if !isDefaultRepertoire, let text = CharacterSet.decode(bytes, characterSet, vr: vr) { return text }
        return Self.guess(bytes)
    }

    /// Whether the declared character set gives these bytes a meaning.
    func holds(_ bytes: [UInt8], vr: VR) -> Bool {
        bytes.allSatisfy { $0 < 0x80 && $0 != 0x1B }
            || !isDefaultRepertoire && CharacterSet.decode(bytes, characterSet, vr: vr) != nil
    }

    static func guess(_ bytes: [UInt8]) -> String {
        String(validating: bytes, as: UTF8.self)
            ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    /// nil if a character has no place in the character set.
    func encode(_ text: String) -> [UInt8]? {
        if text.utf8.allSatisfy({ $0 < 0x80 && $0 != 0x1B }) { return Array(text.utf8) }
        return CharacterSet.encode(text, characterSet)
    }

    /// The first standard text value that cannot be read by what its item declares, and that declaration; nil where all
    /// can. An unknown or damaged declaration reads nothing but ASCII.
    static func unreadable(in root: DataSetItem) -> (tag: Tag, declared: String)? {
        var pending = [(root, TextCoding(of: root))]
        while let (item, coding) = pending.popLast() {
            for element in item.elements {
                if element.isSequence {
                    // What is private leaves with its text cleaned of what cannot be read, or not at all.
                    guard !element.tag.isPrivate else { continue }
                    pending += element.items.map { ($0, TextCoding(of: $0, within: coding)) }
                } else if element.vr.isLocalisedText, !element.tag.isPrivate, !coding.reads(element) {
                    return (element.tag, coding.characterSet)
                }
            }
        }
        return nil
    }

    private func reads(_ element: DataSetElement) -> Bool {
        let value = element.value
        if value.allSatisfy({ $0 < 0x80 && $0 != 0x1B }) { return true }
        return !isDefaultRepertoire && CharacterSet.decode(value, characterSet, vr: element.vr) != nil
    }
}
