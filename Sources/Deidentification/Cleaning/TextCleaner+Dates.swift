// Dates that people write in free text.

extension TextCleaner {
    /// A number of a text and what stands before it: `28.2-34` has three.
    private struct Part {
        let value: Int
        let digits: Int
        let word: Int
        let separator: Substring
    }

    /// Day, month and year in any order, padded or not, in figures (`28/2-34`) or with the month's name.
    static func datedWords(_ words: [(text: Substring, separator: Substring)]) -> Set<Int> {
        var dropped: Set<Int> = []
        var parts: [Part] = []
        for (index, word) in words.enumerated() {
            guard word.text.utf8.allSatisfy({ $0 < 0x3A }) else {
                parts.removeAll()
                if months.contains(word.text.lowercased()) { dropped.formUnion(neighbours(of: index, words)) }
                continue
            }
            var separator = word.separator
            for run in word.text.split(whereSeparator: { $0 == "." || $0 == "," }) {
                let isFirst = run.startIndex == word.text.startIndex
                if !isFirst { separator = word.text[word.text.index(before: run.startIndex)..<run.startIndex] }
                let digits = run.utf8.count
                parts.append(
                    Part(value: digits <= 4 ? Int(run) ?? 0 : 0, digits: digits, word: index, separator: separator))
            }
            for start in parts.indices.dropLast(2) where isDate(parts[start...start + 2]) {
                dropped.formUnion(parts[start...start + 2].map(\.word))
            }
        }
        return dropped
    }

    private static func isDate(_ parts: ArraySlice<Part>) -> Bool {
        let all = Array(parts)
        let separators = [all[1].separator, all[2].separator].map { $0.filter { $0 != " " } }
        guard separators.allSatisfy({ $0.isEmpty || ["/", "-", ".", "\u{2013}", "\u{2212}"].contains($0) }) else {
            return false
        }
        func isDay(_ part: Part) -> Bool { part.digits <= 2 && (1...31).contains(part.value) }
        func isMonth(_ part: Part) -> Bool { part.digits <= 2 && (1...12).contains(part.value) }
        func isFull(_ part: Part) -> Bool { part.digits == 4 && (1880...2099).contains(part.value) }
        // Three short numbers with nothing but spaces between are measures.
        let isJoined = separators.contains { !$0.isEmpty }
        func isYear(_ part: Part) -> Bool { isFull(part) || part.digits == 2 && isJoined }
        let dayAndMonth = isDay(all[0]) && isMonth(all[1]) || isMonth(all[0]) && isDay(all[1])
        return dayAndMonth && isYear(all[2]) || isYear(all[0]) && isMonth(all[1]) && isDay(all[2])
    }

    /// The day before a month's name, or after it, and the year.
    private static func neighbours(of index: Int, _ words: [(text: Substring, separator: Substring)]) -> [Int] {
        func number(_ place: Int) -> Bool {
            words.indices.contains(place) && words[place].text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
        var all = [index]
        if number(index - 1) { all.append(index - 1) }
        if number(index + 1) { all += number(index + 2) ? [index + 1, index + 2] : [index + 1] }
        return all.count > 1 ? all : []
    }

    /// In Swedish, English and German.
    private static let months: Set<String> = [
        "jan", "januari", "january", "januar", "feb", "februari", "february", "februar", "mar", "mars", "march",
        "m\u{E4}rz", "apr", "april", "maj", "may", "mai", "jun", "juni", "june", "jul", "juli", "july", "aug",
        "augusti", "august", "sep", "sept", "september", "okt", "oct", "oktober", "october", "nov", "november", "dec",
        "dez", "december", "dezember",
    ]
}
