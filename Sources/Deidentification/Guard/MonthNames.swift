// Months as words.

enum MonthNames {
    /// Bytes of the longest name.
    static let longest = 9

    private static let numbers: [String: Int] = {
        let names = [
            ["jan", "january", "januari"], ["feb", "february", "februari"], ["mar", "march", "mars"],
            ["apr", "april"], ["may", "maj"], ["jun", "june", "juni"], ["jul", "july", "juli"],
            ["aug", "august", "augusti"], ["sep", "sept", "september"], ["oct", "october", "okt", "oktober"],
            ["nov", "november"], ["dec", "december"],
        ]
        var all: [String: Int] = [:]
        for (index, words) in names.enumerated() { for word in words { all[word] = index + 1 } }
        return all
    }()

    /// The number, as digits, of the month that is the only word in the bytes; signs and spaces do not count, nor an "of" or
    /// the ending of an ordinal before it (28th of February, 28:e februari).
    static func number(in bytes: some Collection<UInt8>) -> [UInt8]? {
        let words = bytes.split { !isLetter($0) }.map {
            String(decoding: $0.map(IdentifierPatterns.fold), as: UTF8.self)
        }
        guard let last = words.last, words.count <= 3, let number = numbers[last],
            words.dropLast().allSatisfy({
                ["st", "nd", "rd", "th", "of", "e", "a", "den", "f\u{F6}dd", "born"].contains($0)
            })
        else { return nil }
        return Array("\(number)".utf8)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte >= 0x80 || IdentifierPatterns.isAlphanumeric(byte) && byte > 0x39
    }
}
