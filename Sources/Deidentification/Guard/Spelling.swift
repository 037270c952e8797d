// How one name may be written.

internal import Foundation

/// Capitals are folded for ASCII by the search, other letters here.
enum Spelling {
    static func all(of word: String) -> [String] {
        guard !word.utf8.allSatisfy({ $0 < 0x80 }) else { return [word] }
        let plainly = [plain(word), plain(word.map { german[$0] ?? String($0) }.joined())]
        var all: Set<String> = []
        for form in [word] + plainly {
            all.formUnion([form, form.uppercased(), form.prefix(1).uppercased() + form.dropFirst()])
        }
        all.insert(word.replacingOccurrences(of: "ß", with: "\u{1E9E}").uppercased())
        // Each letter beyond ASCII in both cases, for as many as make a short list.
        var mixed = [""]
        for character in word {
            let upper = character.uppercased()
            let choices = character.isASCII || mixed.count > 8 ? [String(character)] : [String(character), upper]
            mixed = mixed.flatMap { start in choices.map { start + $0 } }
        }
        all.formUnion(mixed)
        // A capital may come apart when it is made (the Turkish dotted I), and is one character where it is written. By bytes:
        // Swift takes both forms for one string.
        let whole = (all.map { Array($0.utf8) } + all.map { Array($0.precomposedStringWithCanonicalMapping.utf8) })
        return Set(whole).map { foldASCII(String(decoding: $0, as: UTF8.self)) }
    }

    /// A Japanese name in both scripts of syllables, and in letters of full and of half width.
    static func kana(of word: String) -> Set<String> {
        guard word.unicodeScalars.contains(where: { isKana($0.value) }) else { return [word] }
        let full = word.applyingTransform(.fullwidthToHalfwidth, reverse: true) ?? word
        let katakana = full.applyingTransform(.hiraganaToKatakana, reverse: false) ?? full
        let hiragana = full.applyingTransform(.hiraganaToKatakana, reverse: true) ?? full
        let half = katakana.applyingTransform(.fullwidthToHalfwidth, reverse: false) ?? katakana
        return [word, full, katakana, hiragana, half]
    }

    private static func isKana(_ scalar: UInt32) -> Bool {
        (0x3040...0x30FF).contains(scalar) || (0xFF65...0xFF9F).contains(scalar)
    }

    private static func foldASCII(_ word: String) -> String {
        String(
            String.UnicodeScalarView(
                word.unicodeScalars.map {
                    (0x41...0x5A).contains($0.value) ? Unicode.Scalar(UInt8($0.value) | 0x20) : $0
                }))
    }

    /// UTF-8 with accents written as characters of their own (Unicode's form D), as some systems store names.
    static func decomposed(_ word: String) -> [UInt8] { Array(word.decomposedStringWithCanonicalMapping.utf8) }

    /// Without accents: Łukasiewicz as Lukasiewicz, Yıldırım as Yildirim.
    private static func plain(_ word: String) -> String {
        var result = ""
        for scalar in word.decomposedStringWithCanonicalMapping.unicodeScalars
        where scalar.properties.generalCategory != .nonspacingMark {
            if let letters = others[scalar] { result += letters } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }

    /// Letters that Unicode does not take apart.
    private static let others: [Unicode.Scalar: String] = [
        "ł": "l", "ı": "i", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "ð": "d", "ŧ": "t",
        "ħ": "h", "ŋ": "n", "ĳ": "ij", "ə": "e",
    ]
    private static let german: [Character: String] = ["å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe"]
}
