// Specific Character Set (PS3.5 6.1.2, PS3.3 C.12.1.1.2).

internal import CDCMTK
package import DICOMVocabulary

/// Text in a data set's character set, from and to Swift's strings (DcmSpecificCharacterSet over the C library's iconv).
package enum CharacterSet {
    /// Whether this DCMTK was built with a conversion library. Without one only ASCII and UTF-8 work.
    package static var isAvailable: Bool { cdcmtk_charset_is_available() }

    /// The text of a value whose data set declares `specificCharacterSet`, backslashes included; empty means ASCII. Nil
    /// if the bytes are not of that set or the set is unknown. UTF-8 is checked, not converted.
    package static func decode(_ bytes: [UInt8], _ specificCharacterSet: String, vr: VR) -> String? {
        if bytes.allSatisfy({ $0 < 0x80 && $0 != 0x1B }) { return String(decoding: bytes, as: UTF8.self) }
        guard vr.isLocalisedText else { return nil }
        let source = normalised(specificCharacterSet)
        if source == utf8 { return String(validating: bytes, as: UTF8.self) }
        return convert(bytes, from: source, to: utf8, delimiters: delimiters(of: vr))
            .flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// The bytes of a text in `specificCharacterSet`. Nil if a character has no place in it. Of several values only the
    /// first is written, which is what can be done without escape sequences (PS3.5 6.1.2.5.3).
    package static func encode(_ text: String, _ specificCharacterSet: String) -> [UInt8]? {
        let bytes = Array(text.utf8)
        if bytes.allSatisfy({ $0 < 0x80 && $0 != 0x1B }) { return bytes }
        let target = normalised(specificCharacterSet)
        if target == utf8 { return bytes }
        let first = target.split(separator: "\\", omittingEmptySubsequences: false).first.map(String.init) ?? ""
        // "ISO 2022 IR 100" in first place is the same repertoire as "ISO_IR 100".
        let single = first.hasPrefix("ISO 2022 IR ") ? "ISO_IR " + first.dropFirst("ISO 2022 IR ".count) : first
        guard let encoded = convert(bytes, from: utf8, to: single, delimiters: "") else { return nil }
        // iconv may put a question mark in place of what does not fit: only what comes back whole is good.
        return decode(encoded, single, vr: .LT) == text ? encoded : nil
    }

    private static let utf8 = "ISO_IR 192"

    /// Without padding around values, as files have them.
    private static func normalised(_ name: String) -> String {
        name.split(separator: "\\", omittingEmptySubsequences: false).map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " || $0 == "\0" }.reversed())
        }.joined(separator: "\\")
    }

    /// The characters at which a value falls back to the first character set (PS3.5 6.1.2.5.3).
    private static func delimiters(of vr: VR) -> String {
        switch vr {
        case .PN: "\\^="
        case .ST, .LT, .UT: ""
        default: "\\"
        }
    }

    private static func convert(_ bytes: [UInt8], from: String, to: String, delimiters: String) -> [UInt8]? {
        var result = cdcmtk_bytes()
        let status = cdcmtk_charset_convert(from, to, delimiters, bytes, bytes.count, &result)
        guard status.code == CDCMTK_OK else { return nil }
        return Array(takingOver: result)
    }
}
