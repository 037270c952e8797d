// Clean (C) of free text: what is known to be harmless stays, the rest goes (PS3.15 E.3.6).

/// Keeps the words of a list, short numbers and technical tokens. A list of names to remove would always lack one.
struct TextCleaner {
    /// Words that are dropped though the list holds them: the patient's own names, in lower case.
    let forbidden: Set<String>

    private struct Word {
        var text: Substring
        /// What stands between the word before and this one.
        var separator: Substring
        var keeps = false
    }

    /// `marksGaps`: writes `[...]` where words were dropped, for prose, which must not seem to be whole.
    func clean(_ text: String, marksGaps: Bool = false) -> String {
        var words = Self.words(of: text)
        for index in words.indices { words[index].keeps = isHarmless(words[index].text) }
        dropAfterTitles(&words, in: text)
        dropLongNumbers(&words)
        dropDates(&words)
        let cleaned = Self.join(words, marksGaps)
        // What closes the text, a question mark or a bracket, says nothing by itself.
        guard words.last?.keeps == true, let end = words.last?.text.endIndex else { return cleaned }
        return cleaned + text[end...].filter { ")?!.]%".contains($0) }
    }

    // MARK: Words

    /// Words are runs of letters and digits, with a decimal sign between two digits.
    private static func words(of text: String) -> [Word] {
        let scalars = text.unicodeScalars
        var words: [Word] = []
        var index = scalars.startIndex
        var separatorStart = index
        while index < scalars.endIndex {
            guard isWordScalar(scalars[index]) else {
                index = scalars.index(after: index)
                continue
            }
            let start = index
            while index < scalars.endIndex {
                if isWordScalar(scalars[index]) {
                    index = scalars.index(after: index)
                    continue
                }
                let next = scalars.index(after: index)
                guard scalars[index] == "." || scalars[index] == ",", isDigit(scalars[scalars.index(before: index)]),
                    next < scalars.endIndex, isDigit(scalars[next]),
                    // After a decimal point a comma parts two numbers.
                    scalars[index] == "." || !scalars[start..<index].contains(".")
                else { break }
                index = next
            }
            words.append(Word(text: text[start..<index], separator: text[separatorStart..<start]))
            separatorStart = index
        }
        return words
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { (0x30...0x39).contains(scalar.value) }

    private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 {
            return isDigit(scalar) || (0x41...0x5A).contains(scalar.value) || (0x61...0x7A).contains(scalar.value)
        }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            || scalar.properties.generalCategory == .nonspacingMark
    }

    /// Separators that stood between two words that both stay are kept; across a gap a space or a line break is left.
    private static func join(_ words: [Word], _ marksGaps: Bool) -> String {
        var result = ""
        var gap = false
        var lineBreak = false
        for word in words {
            lineBreak = lineBreak || word.separator.utf8.contains { $0 == 10 || $0 == 13 }
            guard word.keeps else {
                gap = true
                continue
            }
            if gap, marksGaps { result += result.isEmpty ? "[...] " : " [...]" }
            if !result.isEmpty, !result.hasSuffix("] ") {
                result += gap ? (lineBreak ? "\r\n" : " ") : String(word.separator)
            }
            result += word.text
            gap = false
            lineBreak = false
        }
        if gap, marksGaps, !result.isEmpty { result += " [...]" }
        return result
    }

    // MARK: Which words stay

    private func isHarmless(_ word: Substring) -> Bool {
        let lower = word.lowercased()
        if forbidden.contains(lower) { return false }
        return AllowedWords.contains(lower) || Self.isShortNumber(lower) || Self.isTechnical(lower)
    }

    /// Up to four digits, or a decimal number.
    private static func isShortNumber(_ word: String) -> Bool {
        let parts = word.utf8.split(omittingEmptySubsequences: false) { $0 == 0x2E || $0 == 0x2C }
        return parts.count <= 2 && parts.allSatisfy { !$0.isEmpty && $0.count <= 4 && $0.allSatisfy(isDigitByte) }
    }

    private static func isDigitByte(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// Letters and digits mixed where every run of letters is a unit, a prefix or an allowed word: `5mm`, `L4`, `b1000`,
    /// `512x512`, `Br40f`.
    private static func isTechnical(_ word: String) -> Bool {
        var letters: [String] = []
        var digits = 0
        var run = ""
        for byte in word.utf8 {
            if isDigitByte(byte) || byte == 0x2E || byte == 0x2C {
                if !run.isEmpty { letters.append(run) }
                run = ""
                digits += 1
            } else {
                run.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        let endsInLetters = !run.isEmpty
        if endsInLetters { letters.append(run) }
        guard digits > 0, digits <= 8, !letters.isEmpty else { return false }
        let kernel = letters.count == 2 && endsInLetters && ["f", "s", "h", "m"].contains(letters[1])
        let parts = kernel ? [letters[0]] : letters
        // A whole number before a single letter that is no unit ("55F") says somebody's age and sex.
        return parts.allSatisfy { technicalParts.contains($0) || $0.utf8.count > 1 && AllowedWords.contains($0) }
            && word.utf8.split { !isDigitByte($0) }.allSatisfy { $0.count <= 4 }
    }

    private static let technicalParts: Set<String> = [
        // Units
        "mm", "cm", "s", "ms", "sec", "min", "kv", "kvp", "ma", "mas", "mgy", "gy", "t", "hz", "khz", "ml", "mg", "mgi",
        "kbq", "mbq", "gbq", "kev", "x", "fps", "d", "p", "deg", "ch",
        // Levels of the spine, b-values, echo and repetition times, kernels
        "c", "th", "l", "b", "te", "tr", "ti", "tsl", "se", "br", "hr", "qr", "bv", "bl", "bf", "sa", "hp", "hv", "fc",
        "dct", "yb", "ya", "ir", "pd", "i", "h", "u", "e", "q", "i1", "st", "sl",
    ]

    // MARK: Names and numbers

    private static let titles: Set<String> = [
        "doktor", "doctor", "dokter", "prof", "professor", "mrs", "ms", "miss", "herr", "frau", "fru", "fröken", "mme",
        "monsieur", "madame", "ssk", "läk", "läkare", "leg", "överläkare", "öl", "specialistläkare", "sjuksköterska",
        "röntgensjuksköterska", "tekniker", "technician", "technologist", "radiographer", "radiologist", "radiolog",
        "remittent", "remitterande", "physician", "arzt", "ärztin", "patient", "patienten", "pat", "name", "namn",
        "sign", "signed", "signerat", "operator", "operatör", "ref", "referrer", "att", "md",
    ]

    /// After "Dr. Hand" not even anatomy is kept: the next word goes, and one more of the same phrase if capitalised.
    private func dropAfterTitles(_ words: inout [Word], in text: String) {
        var index = 0
        while index < words.count {
            defer { index += 1 }
            guard Self.isTitle(words, index), index + 1 < words.count,
                !words[index + 1].separator.utf8.contains(where: { $0 == 10 || $0 == 13 })
            else { continue }
            words[index].keeps = false
            var next = index + 1
            if Self.isTitle(words, next) { continue }
            words[next].keeps = false
            while next + 1 < words.count, next - index < 3,
                words[next + 1].separator.allSatisfy({ $0 == " " || $0 == "." || $0 == "-" || $0 == "^" }),
                words[next + 1].text.unicodeScalars.first?.properties.isUppercase == true
            {
                next += 1
                words[next].keeps = false
            }
        }
    }

    /// DR and MR in capitals are modalities; Dr, Mr and "M." are persons.
    private static func isTitle(_ words: [Word], _ index: Int) -> Bool {
        let text = words[index].text
        let isFollowedByPeriod = index + 1 < words.count && words[index + 1].separator.first == "."
        switch text {
        case "Dr", "Mr", "dr", "mr": return true
        case "DR", "MR", "M": return isFollowedByPeriod
        case "ms", "MS": return index == 0 || words[index - 1].text.utf8.last.map(isDigitByte) != true
        default: return titles.contains(text.lowercased())
        }
    }

    private func dropDates(_ words: inout [Word]) {
        guard words.contains(where: { $0.text.utf8.first.map(Self.isDigitByte) ?? false }) else { return }
        for index in Self.datedWords(words.map { ($0.text, $0.separator) }) { words[index].keeps = false }
    }

    /// Six digits and more in neighbouring numbers are a date, a telephone or a person: none of them stays.
    private func dropLongNumbers(_ words: inout [Word]) {
        var start = 0
        while start < words.count {
            var end = start
            var digits = 0
            while end < words.count, words[end].text.utf8.allSatisfy({ $0 < 0x3A }) {
                let text = words[end].text.utf8
                let count = text.count { Self.isDigitByte($0) }
                // A decimal number is a measure; two at a time say nothing, nor do parts of one, as of directions.
                let isPart = text.starts(with: "0.".utf8) || text.starts(with: "1.0".utf8)
                digits += count == text.count ? count : isPart ? 0 : min(count, 2)
                end += 1
            }
            if digits >= 6 { for index in start..<end { words[index].keeps = false } }
            start = max(end, start + 1)
        }
    }
}
