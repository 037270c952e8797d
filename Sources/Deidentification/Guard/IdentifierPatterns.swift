// What the guard looks for, prepared for one pass over the bytes.

internal import DICOM
internal import DICOMVocabulary

/// What kind of identifier was found. The value itself is never told.
package enum IdentifierKind: String, Sendable, Codable, CaseIterable {
    case patientName, personName, patientID, orderNumber, birthDate, contact, uid, personalNumber
}

/// Identifiers as hashes of their folded bytes, in every spelling that is looked for.
struct IdentifierPatterns {
    struct Pattern {
        let kind: IdentifierKind
        /// A word of protocols or a very short number: not an alarm in values that machines write.
        let isOrdinary: Bool
        /// Also a word of coded values, and no alarm in those.
        var isTerm = false
        let length: Int
    }

    /// Whole words of letters.
    private(set) var words: [UInt64: Pattern] = [:]
    /// Digits only, separators left out.
    private(set) var numbers: [UInt64: Pattern] = [:]
    /// Letters and digits, separators left out.
    private(set) var mixed: [UInt64: Pattern] = [:]
    private(set) var uids: Set<UInt64> = []
    /// Bytes to find anywhere: names in scripts without word boundaries or in encodings with escapes.
    private(set) var raw: [(bytes: [UInt8], kind: IdentifierKind)] = []
    /// The lengths of the patient's names that are looked for inside longer words too.
    private(set) var partLengths: ClosedRange<Int>?
    private(set) var longestNumber = 0
    private(set) var longestMixed = 0

    // MARK: Hashing (FNV-1a over bytes with ASCII capitals folded)

    static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

    @inline(__always) static func fold(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

    @inline(__always) static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }

    static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(seed) { step($0, fold($1)) }
    }

    // MARK: Adding

    mutating func add(uid: String) {
        if !uid.isEmpty { uids.insert(Self.hash(uid.utf8)) }
    }

    /// A value of PN: each word of three letters and more, alone, in the genitive, and family and given name run together.
    mutating func add(name text: String, rawValue: [UInt8], kind: IdentifierKind, coding: TextCoding) {
        if Token(text) != nil { return }
        for group in text.split(separator: "=") {
            let components = group.split(separator: "^", omittingEmptySubsequences: false)
            for word in components.flatMap({ PatientNames.words(String($0)) }) { add(word: word, kind, coding) }
            guard components.count > 1 else { continue }
            let family = PatientNames.words(String(components[0])).joined()
            let given = PatientNames.words(String(components[1]))
            for name in Set(given + [given.joined()]) where family.count > 1 && name.count > 1 {
                for joined in [family + name, name + family] where joined.count >= 6 { add(word: joined, kind, coding) }
            }
        }
        // Japanese, Korean and Chinese components as the source wrote them.
        if rawValue.contains(0x1B) {
            for part in rawValue.split(whereSeparator: { [0x5C, 0x5E, 0x3D].contains($0) })
            where part.contains(0x1B) && part.count >= 6 { raw.append((Array(part), kind)) }
        }
    }

    /// A name of this length inside another word ("DrJohansson") is no accident.
    static let shortestPart = 6

    private static let particles: Set<String> = [
        "von", "van", "den", "der", "del", "dos", "das", "med", "och", "bin", "ibn", "abu", "ter", "ten", "the", "and",
        "removed", "antipode",
    ]

    mutating func add(word: String, _ kind: IdentifierKind, _ coding: TextCoding) {
        if word.unicodeScalars.contains(where: { $0.value >= 0x530 }) {
            guard word.count >= 2 else { return }
            raw.append((Array(word.utf8), kind))
            if let encoded = coding.encode(word), encoded.count >= 4 { raw.append((encoded, kind)) }
            return
        }
        guard word.count >= 3, !Self.particles.contains(word) else { return }
        let isOrdinary = AllowedWords.contains(word) || OrdinaryNames.contains(word)
        // A physician called Hals does not make every neck an alarm; the patient's own words were dropped by cleaning.
        if isOrdinary, kind != .patientName { return }
        for spelling in Spelling.all(of: word) {
            for variant in [spelling, spelling + "s"] {
                for bytes in Self.encodings(of: variant, coding) {
                    words[Self.hash(bytes)] = Pattern(
                        kind: kind, isOrdinary: isOrdinary, isTerm: DefinedTerms.contains(word), length: bytes.count)
                    if kind == .patientName, !isOrdinary, word.count >= Self.shortestPart {
                        let known = partLengths ?? bytes.count...bytes.count
                        partLengths = min(known.lowerBound, bytes.count)...max(known.upperBound, bytes.count)
                    }
                }
            }
        }
    }

    private static func encodings(of word: String, _ coding: TextCoding) -> [[UInt8]] {
        var all = [Array(word.utf8)]
        guard !word.utf8.allSatisfy({ $0 < 0x80 }) else { return all }
        all.append(Spelling.decomposed(word))
        if word.unicodeScalars.allSatisfy({ $0.value < 0x100 }) {
            all.append(word.unicodeScalars.map { UInt8($0.value) })
        }
        if !["", "ISO_IR 100", "ISO_IR 192"].contains(coding.characterSet), let bytes = coding.encode(word) {
            all.append(bytes)
        }
        return all
    }

    /// An identifier that is not a name: with letters or without, in the written forms that people use.
    mutating func add(identifier text: String, _ kind: IdentifierKind, minimum: Int = 4) {
        if Token(text) != nil { return }
        let folded = text.utf8.filter { Self.isAlphanumeric($0) }
        let hasLetters = folded.contains { $0 > 0x39 }
        guard folded.count >= minimum else { return }
        if hasLetters {
            let word = String(decoding: folded.map(Self.fold), as: UTF8.self)
            let isOrdinary = AllowedWords.contains(word) || OrdinaryNames.contains(word) || folded.count < 6
            mixed[Self.hash(folded)] = Pattern(kind: kind, isOrdinary: isOrdinary, length: folded.count)
            longestMixed = max(longestMixed, folded.count)
            let digits = folded.filter { $0 <= 0x39 }
            if digits.count >= 8 { add(number: String(decoding: digits, as: UTF8.self), kind) }
        } else {
            for form in PersonalNumber.forms(String(decoding: folded, as: UTF8.self)) { add(number: form, kind) }
        }
    }

    private mutating func add(number: String, _ kind: IdentifierKind) {
        // All the same digit is a placeholder, not an identifier.
        guard Set(number.utf8).count > 1 else { return }
        numbers[Self.hash(number.utf8)] = Pattern(
            kind: kind, isOrdinary: number.utf8.count < 7, length: number.utf8.count)
        longestNumber = max(longestNumber, number.utf8.count)
    }

    mutating func add(birthDate text: String) {
        let digits = Array(text)
        guard CalendarDay(text) != nil else { return }
        let (year, month, day) = (String(digits[0..<4]), String(digits[4..<6]), String(digits[6..<8]))
        for form in [year + month + day, day + month + year, month + day + year, year.dropFirst(2) + month + day] {
            add(number: form, .birthDate)
        }
    }

    @inline(__always) static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}

/// How one word may be written: capitals are folded for ASCII by the search, other letters here.
enum Spelling {
    static func all(of word: String) -> Set<String> {
        guard !word.utf8.allSatisfy({ $0 < 0x80 }) else { return [word] }
        var all: Set<String> = [word, word.uppercased(), word.prefix(1).uppercased() + word.dropFirst()]
        // Each letter beyond ASCII in both cases, for as many as make a short list.
        var mixed = [""]
        for character in word {
            let upper = character.uppercased()
            let choices = character.isASCII || mixed.count > 8 ? [String(character)] : [String(character), upper]
            mixed = mixed.flatMap { start in choices.map { start + $0 } }
        }
        all.formUnion(mixed)
        all.insert(transcribed(word) { plain[$0] })
        all.insert(transcribed(word) { german[$0] ?? plain[$0] })
        return Set(all.map(foldASCII))
    }

    private static func foldASCII(_ word: String) -> String {
        String(
            String.UnicodeScalarView(
                word.unicodeScalars.map {
                    (0x41...0x5A).contains($0.value) ? Unicode.Scalar(UInt8($0.value) | 0x20) : $0
                }))
    }

    private static func transcribed(_ word: String, _ replacement: (Character) -> String?) -> String {
        word.map { replacement($0) ?? String($0) }.joined()
    }

    /// UTF-8 with accents written as characters of their own (Unicode's form D), as some systems store names.
    static func decomposed(_ word: String) -> [UInt8] {
        word.flatMap { character -> [UInt8] in
            let isCapital = character.isUppercase
            let lower = Character(character.lowercased())
            guard let mark = marks.first(where: { $0.value.contains(lower) })?.key, let base = plain[lower] else {
                return Array(String(character).utf8)
            }
            return Array((isCapital ? base.uppercased() : base).utf8) + Array(String(mark).utf8)
        }
    }

    private static let marks: [Unicode.Scalar: String] = [
        "\u{300}": "èàò", "\u{301}": "éáíóúý", "\u{302}": "âêôîû", "\u{303}": "ñã", "\u{308}": "äöüëï", "\u{30A}": "å",
        "\u{30C}": "ščž", "\u{327}": "ç",
    ]

    private static let plain: [Character: String] = [
        "å": "a", "ä": "a", "ö": "o", "ü": "u", "é": "e", "è": "e", "ø": "o", "æ": "ae", "ß": "ss", "á": "a", "í": "i",
        "ó": "o", "ú": "u", "ñ": "n", "ç": "c", "ë": "e", "ï": "i", "à": "a", "â": "a", "ê": "e", "ô": "o", "š": "s",
        "č": "c", "ž": "z", "ý": "y",
    ]
    private static let german: [Character: String] = ["å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe"]
}

/// Words that stand in name attributes without naming anybody.
enum OrdinaryNames {
    static func contains(_ word: String) -> Bool { all.contains(word) }

    private static let all: Set<String> = [
        "anonymous", "anonymized", "anonymised", "anonymus", "anonym", "anon", "unknown", "okänd", "none", "null",
        "test",
        "tester", "testing", "phantom", "fantom", "patient", "name", "dummy", "admin", "tech", "user", "operator",
        "siemens", "philips", "toshiba", "canon", "medical", "systems", "doctor", "case", "subject", "demo",
        "volunteer",
        "hospital", "sample", "samples", "example", "deidentified", "removed", "antipode", "dicom", "quality",
        "research",
        // Names of machines and makers that people have too.
        "aera", "altea", "alpha", "amira", "aquilion", "axiom", "biograph", "canon", "discovery", "drive", "emotion",
        "fuji", "harmony", "horizon", "ingenia", "iris", "lumina", "luminos", "optima", "prisma", "revolution",
        "sensation", "skyra", "sola", "somatom", "spirit", "symphony", "trio", "vantage", "verio", "vida", "vista",
        "system", "service", "applications", "application", "image", "object", "scanner", "physician", "compressed",
        "rubo", "data", "set", "default", "public", "private", "healthcare", "general", "electric", "man", "sieme",
    ]
}
