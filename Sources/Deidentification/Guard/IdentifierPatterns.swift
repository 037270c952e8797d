// What the guard looks for, prepared for one pass over the bytes.

internal import DICOM
internal import DICOMVocabulary

/// What kind of identifier was found. The value itself is never told.
package enum IdentifierKind: String, Sendable, Codable, CaseIterable {
    case patientName, personName, patientID, orderNumber, birthDate, contact, institution, uid, personalNumber
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
    var uids: Set<UInt64> = []
    /// Bytes to find anywhere: names in scripts without word boundaries or in encodings with escapes. What stands between
    /// escapes is looked for only in values that have some.
    private(set) var raw: [(bytes: [UInt8], kind: IdentifierKind, isEscaped: Bool)] = []
    /// Birth dates as three numbers with separators between, by `dateHash`.
    private(set) var dates: Set<UInt64> = []
    /// The same names and numbers for bytes that are not text.
    private(set) var bytes = BytePatterns()
    private var forms: [ByteForm] = []
    /// The lengths of the patient's names that are looked for inside longer words too.
    private(set) var partLengths: ClosedRange<Int>?
    /// The lengths of numbers, and of identifiers with letters, that are looked for inside longer ones.
    private(set) var insideNumbers: Set<Int> = []
    private(set) var insideMixed: Set<Int> = []
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

    /// A value of PN: each word of three letters and more, alone, in the genitive, and family and given name run together.
    mutating func add(name text: String, rawValue: [UInt8], kind: IdentifierKind, coding: TextCoding) {
        if Token(text) != nil { return }
        for group in text.split(separator: "=") {
            let components = group.split(separator: "^", omittingEmptySubsequences: false)
            for component in components {
                for word in PatientNames.words(String(component)) { add(word: word, kind, coding) }
                for word in Self.compounds(of: String(component)) { add(word: word, kind, coding) }
            }
            guard components.count > 1 else { continue }
            let family = PatientNames.words(String(components[0])).joined()
            let given = PatientNames.words(String(components[1]))
            for name in Set(given + [given.joined()]) where family.count > 1 && name.count > 1 {
                for joined in [family + name, name + family] where joined.count >= 6 { add(word: joined, kind, coding) }
            }
            // A Chinese family name has one character, and so has many a given name.
            let whole = components[0].filter(\.isLetter) + components[1].filter(\.isLetter)
            if whole.count >= 2, whole.unicodeScalars.allSatisfy({ $0.value >= 0x2E80 }) {
                add(word: String(whole), kind, coding)
            }
        }
        // Japanese, Korean and Chinese components as the source wrote them.
        if rawValue.contains(0x1B) {
            for part in EscapedText.parts(of: rawValue) where part.count >= 4 {
                raw.append((part, kind, true))
                add(form: part, kind)
            }
        }
    }

    /// What people write in one: Anna-Karin as Annakarin, O'Brien as Obrien, Per Ola as Perola.
    private static func compounds(of component: String) -> Set<String> {
        let pieces = component.split(separator: " ") + component.split { $0 == " " || $0 == "-" }
        let parts = pieces.map { $0.lowercased().filter(\.isLetter) }
        let words = Set(PatientNames.words(component))
        let whole = component.lowercased().filter(\.isLetter)
        return Set(parts + [whole]).filter { $0.count >= 3 && !words.contains($0) }
    }

    /// A name of this length inside another word ("DrJohansson") is no accident.
    static let shortestPart = 6

    private static let particles: Set<String> = [
        "von", "van", "den", "der", "del", "dos", "das", "med", "och", "bin", "ibn", "abu", "ter", "ten", "the", "and",
        "removed", "antipode",
    ]

    mutating func add(word: String, _ kind: IdentifierKind, _ coding: TextCoding) {
        if word.unicodeScalars.contains(where: { $0.value >= 0x530 && !Self.accented.contains($0.value) }) {
            guard word.count >= 2 else { return }
            for spelling in Spelling.kana(of: word) {
                raw.append((Array(spelling.utf8), kind, false))
                if let encoded = coding.encode(spelling), encoded.count >= 4 { raw.append((encoded, kind, false)) }
                add(form: Array(spelling.utf8), kind)
                addWide(spelling, kind)
            }
            return
        }
        guard word.count >= 3, !Self.particles.contains(word) else { return }
        let isOrdinary = AllowedWords.contains(word) || OrdinaryNames.contains(word)
        // A physician called Hals does not make every neck an alarm; the patient's own words were dropped by cleaning.
        if isOrdinary, kind != .patientName { return }
        for spelling in Spelling.all(of: word) {
            if !isOrdinary, word.count >= ByteForm.shortest {
                for bytes in Self.encodings(of: spelling, coding) {
                    let isPart = kind == .patientName && word.count >= Self.shortestPart
                    add(form: bytes, kind, isPart ? .none : .letters)
                }
                addWide(spelling, kind)
            }
            // Philip's name in the genitive is that of a maker.
            for variant in [spelling, spelling + "s"] where variant == spelling || !OrdinaryNames.contains(variant) {
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

    /// Latin and Greek letters with accents (Unicode's blocks Latin Extended Additional and Greek Extended).
    private static let accented: ClosedRange<UInt32> = 0x1E00...0x1FFF

    private mutating func add(form bytes: [UInt8], _ kind: IdentifierKind, _ edge: ByteForm.Edge = .none) {
        forms.append(ByteForm(bytes: bytes.map(Self.fold), kind: kind, edge: edge))
    }

    /// UTF-16 of both byte orders, which colour profiles and documents use.
    private mutating func addWide(_ text: String, _ kind: IdentifierKind) {
        add(form: text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, kind)
        add(form: text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }, kind)
    }

    /// To be called when all is added.
    mutating func close() {
        bytes = BytePatterns(forms)
        forms = []
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
        addBeyondASCII(identifier: text, kind, minimum)
        guard folded.count >= minimum else { return }
        if hasLetters {
            let word = String(decoding: folded.map(Self.fold), as: UTF8.self)
            let isOrdinary = AllowedWords.contains(word) || OrdinaryNames.contains(word) || folded.count < 6
            add(mixed: folded, kind, isOrdinary: isOrdinary)
            for form in Self.shorterForms(word) { add(mixed: Array(form.utf8), kind, isOrdinary: false) }
            if !isOrdinary {
                for form in Set([word, text.lowercased()]) where form.utf8.count >= 6 {
                    add(form: Array(form.utf8), kind)
                    addWide(form, kind)
                }
            }
            let digits = folded.filter { $0 <= 0x39 }
            if digits.count >= 8 {
                for form in PersonalNumber.forms(String(decoding: digits, as: UTF8.self)) { add(number: form, kind) }
            }
        } else {
            let number = String(decoding: folded, as: UTF8.self)
            for form in PersonalNumber.forms(number) { add(number: form, kind) }
            // Programs that take it for a number drop its zeros.
            let bare = String(number.drop { $0 == "0" })
            if bare.utf8.count >= 7 { add(number: bare, kind) }
        }
    }

    private mutating func add(mixed folded: [UInt8], _ kind: IdentifierKind, isOrdinary: Bool) {
        mixed[Self.hash(folded)] = Pattern(kind: kind, isOrdinary: isOrdinary, length: folded.count)
        longestMixed = max(longestMixed, folded.count)
        if folded.count >= ValueSearch.shortestInside, !isOrdinary { insideMixed.insert(folded.count) }
    }

    /// A reserve number without its century (19340229T876 as 340229T876), and a running number without its zeros
    /// (RIS004471 as RIS4471).
    private static func shorterForms(_ word: String) -> [String] {
        var forms: [String] = []
        let bytes = Array(word.utf8)
        if bytes.count == 12, ["18", "19", "20"].contains(word.prefix(2)), bytes.prefix(8).allSatisfy({ $0 <= 0x39 }) {
            forms.append(String(word.dropFirst(2)))
        }
        let letters = word.prefix { $0.isLetter }
        let digits = word.dropFirst(letters.count)
        let bare = digits.drop { $0 == "0" }
        if !letters.isEmpty, bare.count < digits.count, bare.allSatisfy(\.isNumber), letters.count + bare.count >= 7 {
            forms.append("\(letters)\(bare)")
        }
        return forms
    }

    /// Numbers with letters such as Å: text is searched as UTF-8 too, whatever its character set.
    private mutating func addBeyondASCII(identifier text: String, _ kind: IdentifierKind, _ minimum: Int) {
        guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return }
        for written in [text, text.lowercased(), text.uppercased()] {
            let folded = written.utf8.filter { Self.isAlphanumeric($0) || $0 >= 0x80 }
            guard folded.count >= minimum else { continue }
            mixed[Self.hash(folded)] = Pattern(kind: kind, isOrdinary: folded.count < 6, length: folded.count)
            longestMixed = max(longestMixed, folded.count)
        }
    }

    private mutating func add(number: String, _ kind: IdentifierKind) {
        // All the same digit is a placeholder, not an identifier.
        guard Set(number.utf8).count > 1 else { return }
        numbers[Self.hash(number.utf8)] = Pattern(
            kind: kind, isOrdinary: number.utf8.count < 7, length: number.utf8.count)
        longestNumber = max(longestNumber, number.utf8.count)
        if number.utf8.count >= ValueSearch.shortestInside, kind != .birthDate {
            insideNumbers.insert(number.utf8.count)
        }
        guard number.utf8.count >= 8 else { return }
        var written = [number]
        if [10, 12].contains(number.utf8.count) {
            written += ["-", "+", " "].map { number.dropLast(4) + $0 + number.suffix(4) }
        }
        for form in written {
            add(form: Array(form.utf8), kind, .digits)
            addWide(form, kind)
        }
    }

    mutating func add(birthDate text: String) {
        guard let date = CalendarDay(text) else { return }
        let digits = Array(text)
        let (year, month, day) = (String(digits[0..<4]), String(digits[4..<6]), String(digits[6..<8]))
        let short = String(year.dropFirst(2))
        for orders in [[year, month, day], [day, month, year], [month, day, year]] {
            add(number: orders.joined(), .birthDate)
            for sign in ["-", ".", "/"] { add(form: Array(orders.joined(separator: sign).utf8), .birthDate, .digits) }
        }
        for form in [short + month + day, day + month + short, month + day + short] { add(number: form, .birthDate) }
        for y in [year, short] {
            for m in [month, "\(date.month)"] {
                for d in [day, "\(date.day)"] {
                    for parts in [[y, m, d], [d, m, y], [m, d, y]] { dates.insert(Self.dateHash(parts.map(\.utf8))) }
                }
            }
        }
    }

    static func dateHash(_ parts: [some Sequence<UInt8>]) -> UInt64 {
        parts.reduce(seed) { hash, part in step(part.reduce(hash) { step($0, $1) }, 0x2F) }
    }

    @inline(__always) static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
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
