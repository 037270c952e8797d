// The search in one value: one pass that cuts it into words, numbers and UIDs and looks each up.

internal import DICOMVocabulary

struct ValueSearch {
    let patterns: IdentifierPatterns
    var found: Set<IdentifierKind> = []
    private var digitRuns: [Range<Int>] = []
    private var mixedRuns: [Range<Int>] = []

    init(patterns: IdentifierPatterns) { self.patterns = patterns }

    /// How much of a value's kind is looked at.
    private struct Scope {
        /// Machines write it: ordinary words and short numbers are no alarm.
        var isTechnical = false
        var searchesNumbers = true
        /// CS: the words of defined terms are no alarm.
        var isCoded = false
        /// Names are looked for inside longer words.
        var searchesParts = false
        /// Shorter patterns are not looked for.
        var minimum = 0
    }

    mutating func run(_ value: UnsafeRawBufferPointer, _ tag: Tag, _ vr: VR) {
        var scope = Scope()
        switch vr {
        case .UI:
            searchUIDs(value)
            // Some build UIDs from a patient's number.
            scope.isTechnical = true
            scope.minimum = 8
            cut(value, scope)
            return searchNumbers(value, scope, tag, vr)
        case .DA, .TM, .DT, .AS:
            scope.isTechnical = true
            scope.searchesNumbers = false
        case .DS, .IS:
            scope.isTechnical = true
            scope.minimum = 9
        case .AT, .FL, .FD, .SL, .SS, .UL, .US, .SV, .UV: return
        case .OB, .OW, .OF, .OD, .OL, .OV, .UN, .unknown:
            // Of random bytes, one position in 10^10 looks like five given letters.
            scope.isTechnical = true
            scope.minimum = 5
        case .CS, .AE:
            // Value Type and Relationship Type: TEXT, CONTAINER, CONTAINS and such, in every item of a report.
            if tag == Tag(0x0040, 0xA040) || tag == Tag(0x0040, 0xA010) { return }
            scope.isTechnical = true
            scope.isCoded = vr == .CS
            scope.searchesParts = true
        default:
            scope.isTechnical = KnownAttributes.technicalText.contains(tag) || tag == .codeMeaning
            scope.searchesParts = tag != .codeMeaning
        }
        cut(value, scope)
        if scope.searchesNumbers { searchNumbers(value, scope, tag, vr) }
        if patterns.longestMixed > 0 { searchMixed(value, scope) }
        for pattern in patterns.raw where Self.contains(value, pattern.bytes) { found.insert(pattern.kind) }
    }

    /// Whether a value that is kept for what machines write holds an identifier.
    mutating func finds(in value: [UInt8], _ tag: Tag, _ vr: VR) -> Bool {
        value.withUnsafeBytes { run($0, tag, vr) }
        defer { found.removeAll() }
        return !found.isEmpty
    }

    // MARK: Words

    /// Finds the runs of the value, and looks up its words and UIDs on the way.
    private mutating func cut(_ value: UnsafeRawBufferPointer, _ scope: Scope) {
        digitRuns.removeAll(keepingCapacity: true)
        mixedRuns.removeAll(keepingCapacity: true)
        var index = 0
        let end = value.count
        while index < end {
            let byte = value[index]
            guard Self.isWord(byte) else {
                index += 1
                continue
            }
            let start = index
            var runStart = index
            var runIsDigits = Self.isDigit(byte)
            var hash = IdentifierPatterns.seed
            while index < end, Self.isWord(value[index]) {
                let isDigit = Self.isDigit(value[index])
                if isDigit != runIsDigits {
                    endRun(value, runStart..<index, runIsDigits, hash, scope)
                    (runStart, runIsDigits, hash) = (index, isDigit, IdentifierPatterns.seed)
                }
                hash = IdentifierPatterns.step(hash, IdentifierPatterns.fold(value[index]))
                index += 1
            }
            endRun(value, runStart..<index, runIsDigits, hash, scope)
            mixedRuns.append(start..<index)
        }
        if digitRuns.count > 2 { searchDottedRuns(value) }
    }

    private mutating func endRun(
        _ value: UnsafeRawBufferPointer, _ range: Range<Int>, _ isDigits: Bool, _ hash: UInt64, _ scope: Scope
    ) {
        if isDigits {
            digitRuns.append(range)
        } else if let pattern = patterns.words[hash], pattern.length == range.count {
            report(pattern, scope)
        } else if scope.searchesParts, let lengths = patterns.partLengths, range.count > lengths.lowerBound,
            range.count <= 64
        {
            searchParts(value, range, lengths, scope)
        }
    }

    /// The patient's longer names inside a word.
    private mutating func searchParts(
        _ value: UnsafeRawBufferPointer, _ range: Range<Int>, _ lengths: ClosedRange<Int>, _ scope: Scope
    ) {
        for start in range.lowerBound...(range.upperBound - lengths.lowerBound) {
            var hash = IdentifierPatterns.seed
            for index in start..<min(range.upperBound, start + lengths.upperBound) {
                hash = IdentifierPatterns.step(hash, IdentifierPatterns.fold(value[index]))
                let length = index + 1 - start
                guard length >= lengths.lowerBound, let pattern = patterns.words[hash], pattern.length == length,
                    pattern.kind == .patientName, !pattern.isOrdinary
                else { continue }
                // "Domina" is in "abdominal" whoever the patient is.
                let whole = String(decoding: value[range], as: UTF8.self).lowercased()
                if AllowedWords.contains(whole) || OrdinaryNames.contains(whole) { return }
                report(pattern, scope)
            }
        }
    }

    private mutating func report(_ pattern: IdentifierPatterns.Pattern, _ scope: Scope) {
        guard pattern.length >= scope.minimum, !(scope.isTechnical && pattern.isOrdinary),
            !(scope.isCoded && pattern.isTerm)
        else { return }
        found.insert(pattern.kind)
    }

    @inline(__always) private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    @inline(__always) private static func isWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || IdentifierPatterns.isAlphanumeric(byte)
    }

    // MARK: Numbers

    /// Neighbouring runs of digits with one separator between them are one number to a reader.
    private mutating func searchNumbers(_ value: UnsafeRawBufferPointer, _ scope: Scope, _ tag: Tag, _ vr: VR) {
        // A fraction is not an identifier.
        if vr == .DS, value.contains(0x2E) { return }
        for first in digitRuns.indices {
            var hash = IdentifierPatterns.seed
            var length = 0
            for last in first..<min(first + 4, digitRuns.count) {
                if last > first {
                    let gap = digitRuns[last - 1].upperBound
                    guard digitRuns[last].lowerBound == gap + 1, Self.isSeparator(value[gap]) else { break }
                }
                for index in digitRuns[last] { hash = IdentifierPatterns.step(hash, value[index]) }
                length += digitRuns[last].count
                if let pattern = patterns.numbers[hash], pattern.length == length { report(pattern, scope) }
                // Codes of ten digits can have the form of a personal number by chance.
                if vr.isText, vr != .IS, vr != .DS, vr != .UI, tag != .codeValue, length == 10 || length == 12,
                    last <= first + 1
                {
                    searchPersonalNumber(value, first, last)
                }
                if length > max(12, patterns.longestNumber) { break }
            }
        }
    }

    private mutating func searchPersonalNumber(_ value: UnsafeRawBufferPointer, _ first: Int, _ last: Int) {
        if last > first {
            let separator = value[digitRuns[first].upperBound]
            guard separator == 0x2D || separator == 0x2B, digitRuns[last].count == 4 else { return }
        }
        // Part of a UID or of a longer number with dots is not one.
        let (start, end) = (digitRuns[first].lowerBound, digitRuns[last].upperBound)
        if start > 0, value[start - 1] == 0x2E { return }
        if end + 1 < value.count, value[end] == 0x2E, Self.isDigit(value[end + 1]) { return }
        let digits = value[start..<end].filter(Self.isDigit).map { $0 - 0x30 }
        if PersonalNumber.isValid(digits) { found.insert(.personalNumber) }
    }

    /// Space, `-`, `+`, `.`, `/`, `:`, `_`, `^`
    @inline(__always) private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x2D, 0x2B, 0x2E, 0x2F, 0x3A, 0x5F, 0x5E: true
        default: false
        }
    }

    private mutating func searchMixed(_ value: UnsafeRawBufferPointer, _ scope: Scope) {
        for first in mixedRuns.indices {
            var hash = IdentifierPatterns.seed
            var length = 0
            for last in first..<min(first + 5, mixedRuns.count) {
                if last > first {
                    let gap = mixedRuns[last - 1].upperBound
                    guard mixedRuns[last].lowerBound == gap + 1, Self.isSeparator(value[gap]) else { break }
                }
                for index in mixedRuns[last] {
                    hash = IdentifierPatterns.step(hash, IdentifierPatterns.fold(value[index]))
                }
                length += mixedRuns[last].count
                if let pattern = patterns.mixed[hash], pattern.length == length { report(pattern, scope) }
                if length > patterns.longestMixed { break }
            }
        }
    }

    // MARK: UIDs and raw bytes

    private mutating func searchUIDs(_ value: UnsafeRawBufferPointer) {
        var start = 0
        for index in 0...value.count {
            guard index == value.count || value[index] == 0x5C else { continue }
            var end = index
            while end > start, value[end - 1] == 0 || value[end - 1] == 0x20 { end -= 1 }
            lookUpUID(value, start..<end)
            start = index + 1
        }
    }

    /// Runs of digits and dots inside text.
    private mutating func searchDottedRuns(_ value: UnsafeRawBufferPointer) {
        var first = 0
        while first < digitRuns.count {
            var last = first
            while last + 1 < digitRuns.count, digitRuns[last + 1].lowerBound == digitRuns[last].upperBound + 1,
                value[digitRuns[last].upperBound] == 0x2E
            { last += 1 }
            if last >= first + 2 { lookUpUID(value, digitRuns[first].lowerBound..<digitRuns[last].upperBound) }
            first = last + 1
        }
    }

    private mutating func lookUpUID(_ value: UnsafeRawBufferPointer, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        var hash = IdentifierPatterns.seed
        for index in range { hash = IdentifierPatterns.step(hash, IdentifierPatterns.fold(value[index])) }
        if patterns.uids.contains(hash) { found.insert(.uid) }
    }

    private static func contains(_ value: UnsafeRawBufferPointer, _ bytes: [UInt8]) -> Bool {
        guard bytes.count <= value.count, let first = bytes.first else { return false }
        outer: for start in 0...(value.count - bytes.count) where value[start] == first {
            for index in 1..<bytes.count where value[start + index] != bytes[index] { continue outer }
            return true
        }
        return false
    }
}
