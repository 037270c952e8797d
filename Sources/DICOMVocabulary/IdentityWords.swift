// Whether a short text names a study's patient or order.

/// The words of one study's patient: names, numbers, birth date. For short texts that the journal would keep, where the
/// whole text is compared and no word of it is told. What leaves the house is searched by the workshop's guard.
///
/// Names are compared without case and accents, `ö` also as `oe`. Names in scripts other than Latin are not: the office
/// does not decode them.
package struct IdentityWords: Sendable {
    /// Folded, of three letters and more, and two of one person run together.
    private var names: Set<String> = []
    /// Digits and letters without what divides them.
    private var numbers: Set<String> = []

    /// Name, other names, birth name, mother's birth name.
    private static let nameTags = [Tag.patientName, Tag(0x0010, 0x1001), Tag(0x0010, 0x1005), Tag(0x0010, 0x1060)]
    /// Patient ID, other patient IDs, accession number.
    private static let patientNumbers = [Tag.patientID, Tag(0x0010, 0x1000), Tag.accessionNumber]
    /// Study ID, stay, requested procedure, orders: short ones are numbers that anybody may write.
    private static let orderNumbers = [
        Tag.studyID, Tag(0x0038, 0x0010), Tag(0x0040, 0x1001), Tag(0x0040, 0x2016), Tag(0x0040, 0x2017),
    ]
    /// A name of so many letters is looked for inside longer words too, as the guard does.
    private static let shortestPart = 6
    /// A number of so many characters is found wherever its characters stand in a row.
    private static let shortestRun = 8
    /// They stand in name attributes and name nobody.
    static let nobody: Set<String> = [
        "anonymous", "anonym", "anonymized", "anonymised", "unknown", "okand", "none", "patient", "name", "test",
        "phantom", "fantom", "von", "van", "den", "der", "del", "och", "the", "and",
    ]

    package init(_ identities: [StudyIdentity]) {
        for identity in identities {
            for tag in Self.nameTags { add(name: identity.text(tag)) }
            for tag in Self.patientNumbers { add(numbers: identity.text(tag), minimum: 3) }
            for tag in Self.orderNumbers { add(numbers: identity.text(tag), minimum: 6) }
            add(birthDate: identity.text(.patientBirthDate))
        }
    }

    /// Whether a word of them stands in the text.
    package func occur(in text: String) -> Bool {
        for word in Self.runs(text, where: \.isLetter) {
            for folded in Self.folded(word) {
                if names.contains(folded) || folded.last == "s" && names.contains(String(folded.dropLast())) {
                    return true
                }
                if names.contains(where: { $0.utf8.count >= Self.shortestPart && folded.contains($0) }) { return true }
            }
        }
        let pieces = Self.runs(text) { $0.isASCII && ($0.isLetter || $0.isNumber) }.map { $0.lowercased() }
        let whole = pieces.joined()
        if numbers.contains(where: { $0.utf8.count >= Self.shortestRun && whole.contains($0) }) { return true }
        // A date or a number is often written in two or three pieces.
        return pieces.indices.contains { first in
            (first..<min(first + 3, pieces.count)).contains { numbers.contains(pieces[first...$0].joined()) }
        }
    }

    // MARK: Collecting

    /// The words of each group of a name (PS3.5 6.2.1), each as `folded` gives it. What ISO 2022 writes by escape sequences
    /// is no words.
    private static func groups(ofName text: String) -> [[[String]]] {
        text.split { $0 == "=" || $0 == "\\" }.filter { !$0.unicodeScalars.contains("\u{1B}") }.map { group in
            runs(String(group), where: \.isLetter).prefix(16).map(folded)
        }
    }

    /// The words of a name, each in every spelling and once, of two letters and more; no titles, and none of those that name
    /// nobody.
    static func words(ofName text: String) -> [[String]] {
        var seen: Set<String> = []
        return groups(ofName: text).joined().filter { word in
            let plain = word.first ?? ""
            return plain.utf8.count >= 2 && !nobody.contains(plain) && !titles.contains(plain)
                && seen.insert(plain).inserted
        }
    }

    /// Prefixes and suffixes of names (PS3.5 6.2.1), which two people may share.
    private static let titles: Set<String> = ["dr", "mr", "mrs", "ms", "md", "phd", "prof", "jr", "sr", "herr", "fru"]

    private mutating func add(name text: String) {
        for words in Self.groups(ofName: text) {
            for (index, word) in words.enumerated() {
                for form in word where form.utf8.count >= 3 && !Self.nobody.contains(form) { names.insert(form) }
                for other in words[(index + 1)...] {
                    for (a, b) in zip(word, other) where a.utf8.count + b.utf8.count >= Self.shortestPart {
                        names.insert(a + b)
                        names.insert(b + a)
                    }
                }
            }
        }
    }

    private mutating func add(numbers text: String, minimum: Int) {
        for value in text.split(separator: "\\") {
            let number = Self.runs(String(value)) { $0.isASCII && ($0.isLetter || $0.isNumber) }.joined().lowercased()
            guard number.utf8.count >= minimum, !Self.nobody.contains(number), Set(number).count > 1 else { continue }
            numbers.insert(number)
            // A personal number is written with its century or without.
            if number.utf8.count == 12, number.allSatisfy(\.isNumber) { numbers.insert(String(number.suffix(10))) }
        }
    }

    /// DA (PS3.5 6.2), in the orders in which people write dates.
    private mutating func add(birthDate text: String) {
        let digits = text.filter { $0.isASCII && $0.isNumber }
        guard digits.utf8.count == 8 else { return }
        let (year, month, day) = (digits.prefix(4), digits.dropFirst(4).prefix(2), digits.suffix(2))
        numbers.formUnion([
            digits, "\(day)\(month)\(year)", "\(month)\(day)\(year)", "\(year.suffix(2))\(month)\(day)",
        ])
    }

    // MARK: Spelling

    private static func runs(_ text: String, where isPart: (Character) -> Bool) -> [String] {
        text.split { !isPart($0) }.map(String.init)
    }

    /// A word in lower case without accents, and as it is written where there are none. Both are mostly the same.
    private static func folded(_ word: String) -> [String] {
        let lower = word.lowercased()
        guard !lower.utf8.allSatisfy({ $0 < 0x80 }) else { return [lower, lower] }
        return [
            lower.map { plain[$0] ?? String($0) }.joined(), lower.map { long[$0] ?? plain[$0] ?? String($0) }.joined(),
        ]
    }

    private static let plain: [Character: String] = [
        "å": "a", "ä": "a", "á": "a", "à": "a", "â": "a", "ã": "a", "æ": "ae", "ç": "c", "č": "c", "ć": "c", "é": "e",
        "è": "e", "ê": "e", "ë": "e", "í": "i", "ì": "i", "î": "i", "ï": "i", "ł": "l", "ñ": "n", "ń": "n", "ö": "o",
        "ó": "o", "ò": "o", "ô": "o", "õ": "o", "ø": "o", "š": "s", "ś": "s", "ß": "ss", "ü": "u", "ú": "u", "ù": "u",
        "û": "u", "ý": "y", "ž": "z", "ź": "z", "ż": "z", "ð": "d", "þ": "th",
    ]
    private static let long: [Character: String] = ["å": "aa", "ä": "ae", "ö": "oe", "ø": "oe", "ü": "ue"]
}
