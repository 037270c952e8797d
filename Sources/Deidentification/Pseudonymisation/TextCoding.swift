// The text of one data set or item, decoded and encoded by its declared character set.

internal import DICOM
internal import DICOMVocabulary

struct TextCoding {
    /// Specific Character Set (0008,0005) with its backslashes; empty for the default repertoire.
    let characterSet: String

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

    static func guess(_ bytes: [UInt8]) -> String {
        String(validating: bytes, as: UTF8.self)
            ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    /// nil if a character has no place in the character set.
    func encode(_ text: String) -> [UInt8]? {
        if text.utf8.allSatisfy({ $0 < 0x80 && $0 != 0x1B }) { return Array(text.utf8) }
        return CharacterSet.encode(text, characterSet)
    }

    /// The character set that fits 8-bit text of a data set that declares none: nil if all text is ASCII.
    static func undeclared(in root: DataSetItem) -> String? {
        var found = false
        var isUTF8 = true
        var pending = [root]
        while let item = pending.popLast() {
            for element in item.elements {
                if element.isSequence {
                    pending += element.items
                } else if element.vr.isLocalisedText {
                    let value = element.value
                    guard value.contains(where: { $0 >= 0x80 }) else { continue }
                    found = true
                    isUTF8 = isUTF8 && String(validating: value, as: UTF8.self) != nil
                }
            }
        }
        return found ? (isUTF8 ? "ISO_IR 192" : "ISO_IR 100") : nil
    }
}
