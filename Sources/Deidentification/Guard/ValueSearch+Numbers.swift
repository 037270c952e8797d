// The search in one value for numbers: personal numbers, the patient's own, days of birth.

internal import DICOMVocabulary

extension ValueSearch {
    /// Neighbouring runs of digits with up to three separators between them are one number to a reader.
    mutating func searchNumbers(_ value: UnsafeRawBufferPointer, _ scope: Scope, _ tag: Tag, _ vr: VR) {
        let minimum = vr == .DA || vr == .DT || vr == .TM ? 10 : scope.minimum
        if !patterns.dates.isEmpty, minimum < 8 {
            if digitRuns.count > 2 { searchDates(value) }
            if digitRuns.count > 1 { searchNamedMonths(value) }
        }
        searchInside(value, scope, isDecimal: vr == .DS)
        for first in digitRuns.indices where vr != .DS || isWhole(value, digitRuns[first]) {
            var hash = IdentifierPatterns.seed
            var length = 0
            // Whether the runs belong together by signs that also stand between the members of a list.
            var isLoose = false
            for last in first..<min(first + Self.mostRuns, digitRuns.count) {
                if last > first, !Self.isGap(value, digitRuns[last - 1], digitRuns[last]) {
                    guard vr.isText, Self.isLooseGap(value, digitRuns[last - 1], digitRuns[last]) else { break }
                    isLoose = true
                }
                for index in digitRuns[last] { hash = IdentifierPatterns.step(hash, value[index]) }
                length += digitRuns[last].count
                if let pattern = patterns.numbers[hash], pattern.length == length, length >= minimum,
                    !isLoose || length >= Self.shortestInside, last < first + 4 || length >= Self.shortestOfManyRuns
                {
                    report(pattern, scope)
                }
                if length == 10 || length == 12, last <= first + 1, canBePersonalNumber(length, last - first, tag, vr) {
                    searchPersonalNumber(value, first, last)
                }
                if length > max(12, patterns.longestNumber) { break }
            }
        }
    }

    /// A number of so many digits is no accident in a longer one, nor written with commas.
    static let shortestInside = 8

    /// The patient's numbers with digits before or behind them, in runs that are one number to a reader.
    private mutating func searchInside(_ value: UnsafeRawBufferPointer, _ scope: Scope, isDecimal: Bool) {
        guard !patterns.insideNumbers.isEmpty else { return }
        var digits: [UInt8] = []
        for (index, run) in digitRuns.enumerated() {
            if !isDecimal || isWhole(value, run) { digits += value[run] }
            let isLast = index + 1 == digitRuns.count || !Self.isGap(value, run, digitRuns[index + 1])
            guard isLast || digits.count > Self.longestChain else { continue }
            if digits.count > Self.shortestInside { searchInside(digits, scope) }
            // What stands across the cut is found once more from its beginning.
            digits = isLast ? [] : digits.suffix(Self.shortestInside * 2)
        }
    }

    private static let longestChain = 128

    private mutating func searchInside(_ digits: [UInt8], _ scope: Scope) {
        for length in patterns.insideNumbers where length < digits.count {
            for start in 0...(digits.count - length) {
                let hash = digits[start..<start + length].reduce(IdentifierPatterns.seed) {
                    IdentifierPatterns.step($0, $1)
                }
                // A day stands in every time stamp.
                if let pattern = patterns.numbers[hash], pattern.length == length, pattern.kind != .birthDate {
                    report(pattern, scope)
                }
            }
        }
    }

    /// A number may be written digit by digit; a short one in so many pieces is a list of measures.
    private static let mostRuns = 12
    private static let shortestOfManyRuns = 10

    /// Codes and whole numbers of ten digits can have the form of a personal number by chance. Dates and times come here
    /// only where they are none (PS3.5 6.2), and a sign inside of a number makes that none, too.
    private func canBePersonalNumber(_ length: Int, _ gaps: Int, _ tag: Tag, _ vr: VR) -> Bool {
        switch vr {
        case .UI: false
        case .DS, .IS: gaps > 0 || length == 12
        default: vr.isText && (tag != .codeValue || gaps > 0)
        }
    }

    private mutating func searchPersonalNumber(_ value: UnsafeRawBufferPointer, _ first: Int, _ last: Int) {
        if last > first {
            let gap = digitRuns[first].upperBound..<digitRuns[last].lowerBound
            guard digitRuns[last].count == 4, gap.allSatisfy({ [0x20, 0x2B, 0x2D].contains(value[$0]) }) else { return }
        }
        // Part of a UID or of a longer number with dots is not one.
        let (start, end) = (digitRuns[first].lowerBound, digitRuns[last].upperBound)
        if start > 0, value[start - 1] == 0x2E { return }
        if end + 1 < value.count, value[end] == 0x2E, Self.isDigit(value[end + 1]) { return }
        let digits = value[start..<end].filter(Self.isDigit).map { $0 - 0x30 }
        if PersonalNumber.isValid(digits) { found.insert(.personalNumber) }
    }

    /// A fraction is not an identifier, unless it is none.
    private func isWhole(_ value: UnsafeRawBufferPointer, _ run: Range<Int>) -> Bool {
        if run.lowerBound > 0, value[run.lowerBound - 1] == 0x2E { return false }
        guard run.upperBound < value.count, value[run.upperBound] == 0x2E else { return true }
        return value[(run.upperBound + 1)...].prefix { $0 != 0x5C }.allSatisfy { $0 == 0x30 || $0 == 0x20 || $0 == 0 }
    }

    /// A birth date as three numbers, padded or not.
    private mutating func searchDates(_ value: UnsafeRawBufferPointer) {
        for first in digitRuns.indices.dropLast(2) {
            let runs = digitRuns[first...first + 2]
            guard runs.allSatisfy({ $0.count <= 4 }), Self.isGap(value, digitRuns[first], digitRuns[first + 1]),
                Self.isGap(value, digitRuns[first + 1], digitRuns[first + 2])
            else { continue }
            let hash = IdentifierPatterns.dateHash(runs.map { UnsafeRawBufferPointer(rebasing: value[$0]) })
            if patterns.dates.contains(hash) { found.insert(.birthDate) }
        }
    }

    @inline(__always) private static func isGap(
        _ value: UnsafeRawBufferPointer, _ before: Range<Int>, _ after: Range<Int>
    ) -> Bool {
        let gap = before.upperBound..<after.lowerBound
        return (1...3).contains(gap.count) && gap.allSatisfy { isSeparator(value[$0]) }
    }

    /// Any other signs of ASCII, and one more of them: what a form, a list or a program may put between the parts.
    @inline(__always) private static func isLooseGap(
        _ value: UnsafeRawBufferPointer, _ before: Range<Int>, _ after: Range<Int>
    ) -> Bool {
        let gap = before.upperBound..<after.lowerBound
        return (1...6).contains(gap.count)
            && gap.allSatisfy { value[$0] < 0x7F && !IdentifierPatterns.isAlphanumeric(value[$0]) }
    }

    /// Space, `-`, `+`, `.`, `/`, `:`, `_`, `^`, parentheses, tab and line breaks
    @inline(__always) private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x2D, 0x2B, 0x2E, 0x2F, 0x3A, 0x5F, 0x5E, 0x28, 0x29, 0x09, 0x0A, 0x0D: true
        default: false
        }
    }

    /// A birth date with its month as a word, before or behind the day, with or without something between.
    private mutating func searchNamedMonths(_ value: UnsafeRawBufferPointer) {
        for index in digitRuns.indices.dropLast() {
            let (first, second) = (digitRuns[index], digitRuns[index + 1])
            let between = value[first.upperBound..<second.lowerBound]
            if between.count <= MonthNames.longest + 6, let month = MonthNames.number(in: between) {
                let (a, b) = (Array(value[first]), Array(value[second]))
                if contains([a, month, b]) || contains([b, month, a]) { found.insert(.birthDate) }
            }
            let before = value[max(0, first.lowerBound - MonthNames.longest - 3)..<first.lowerBound]
            let word = before[(before.lastIndex(where: Self.isDigit).map { $0 + 1 } ?? before.startIndex)...]
            if between.count <= 3, let month = MonthNames.number(in: word) {
                if contains([Array(value[first]), month, Array(value[second])]) { found.insert(.birthDate) }
            }
        }
    }

    private func contains(_ parts: [[UInt8]]) -> Bool { patterns.dates.contains(IdentifierPatterns.dateHash(parts)) }

    mutating func searchMixed(_ value: UnsafeRawBufferPointer, _ scope: Scope) {
        for first in mixedRuns.indices {
            var hash = IdentifierPatterns.seed
            var length = 0
            for last in first..<min(first + 5, mixedRuns.count) {
                if last > first, !Self.isGap(value, mixedRuns[last - 1], mixedRuns[last]) { break }
                for index in mixedRuns[last] {
                    hash = IdentifierPatterns.step(hash, IdentifierPatterns.fold(value[index]))
                }
                length += mixedRuns[last].count
                if let pattern = patterns.mixed[hash], pattern.length == length { report(pattern, scope) }
                if length > patterns.longestMixed { break }
            }
            searchInsideMixed(value, mixedRuns[first], scope)
        }
    }

    private mutating func searchInsideMixed(_ value: UnsafeRawBufferPointer, _ run: Range<Int>, _ scope: Scope) {
        for length in patterns.insideMixed where length < run.count {
            for start in run.lowerBound...(run.upperBound - length) {
                let hash = value[start..<start + length].reduce(IdentifierPatterns.seed) {
                    IdentifierPatterns.step($0, IdentifierPatterns.fold($1))
                }
                if let pattern = patterns.mixed[hash], pattern.length == length { report(pattern, scope) }
            }
        }
    }
}
