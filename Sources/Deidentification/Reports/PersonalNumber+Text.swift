// Personal numbers in what a reader wrote.

extension PersonalNumber {
    /// Those in running text (UTF-8), as digit values. Ten digits count `withSign` only with `-` or `+` before the last
    /// four: without it every telephone number of that length would be looked at.
    static func all(in text: [UInt8], withSign: Bool) -> [[UInt8]] {
        var runs: [Range<Int>] = []
        var index = 0
        while index < text.count {
            let start = index
            while index < text.count, isDigit(text[index]) { index += 1 }
            if index > start { runs.append(start..<index) }
            index = max(index, start + 1)
        }
        var found: [[UInt8]] = []
        func add(_ digits: [UInt8], _ start: Int, _ end: Int, isSigned: Bool = false) {
            // Part of a word, a UID or a number with decimals is none; with a century and a sign it is no word's.
            if !isSigned || digits.count < 12 {
                if start > 0, IdentifierPatterns.isAlphanumeric(text[start - 1]) { return }
                if end < text.count, IdentifierPatterns.isAlphanumeric(text[end]) { return }
            }
            if start > 1, text[start - 1] == 0x2E, isDigit(text[start - 2]) { return }
            if end + 1 < text.count, text[end] == 0x2E, isDigit(text[end + 1]) { return }
            let values = digits.map { $0 - 0x30 }
            if isValid(values) { found.append(values) }
        }
        for (position, run) in runs.enumerated() {
            if run.count == 12 || run.count == 10 && !withSign { add(Array(text[run]), run.lowerBound, run.upperBound) }
            guard run.count == 6 || run.count == 8, position + 1 < runs.count, runs[position + 1].count == 4 else {
                continue
            }
            let next = runs[position + 1]
            let gap = text[run.upperBound..<next.lowerBound]
            let isSign = signs.contains { $0.elementsEqual(gap) }
            if isSign || run.count == 8 && gap.elementsEqual(" ".utf8) {
                add(Array(text[run] + text[next]), run.lowerBound, next.upperBound, isSigned: isSign)
            }
        }
        return found
    }

    /// `-`, `+`, and what word processors make of a hyphen.
    private static let signs = ["-", "+", "\u{2010}", "\u{2011}", "\u{2013}", "\u{2212}"].map { Array($0.utf8) }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
