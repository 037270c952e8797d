// The search in one value: one pass that cuts it into words, numbers and UIDs and looks each up.

internal import DICOMVocabulary

struct ValueSearch {
    let patterns: IdentifierPatterns
    var found: Set<IdentifierKind> = []
    var digitRuns: [Range<Int>] = []
    var mixedRuns: [Range<Int>] = []

    init(patterns: IdentifierPatterns) { self.patterns = patterns }

    /// How much of a value's kind is looked at.
    struct Scope {
        /// Machines write it: ordinary words and short numbers are no alarm.
        var isTechnical = false
        var searchesNumbers = true
        /// CS: the words of defined terms are no alarm.
        var isCoded = false
        /// Names are looked for inside longer words.
        var searchesParts = false
        /// Shorter ones are not.
        var shortestPart = 0
        /// Shorter patterns are not looked for.
        var minimum = 0
        /// Codes of six digits are many, and any may be somebody's day.
        var isCodeValue = false
    }

    mutating func run(_ value: UnsafeRawBufferPointer, _ tag: Tag, _ vr: VR) {
        search(value, tag, vr)
        if vr.isText, vr != .UI, let plain = WrittenNumbers.plain(value) {
            plain.withUnsafeBytes { search($0, tag, vr) }
        }
    }

    /// Names and numbers of five bytes and more in what is no text at all.
    mutating func run(bytes value: UnsafeRawBufferPointer) { patterns.bytes.search(value, &found) }

    private mutating func search(_ value: UnsafeRawBufferPointer, _ tag: Tag, _ vr: VR) {
        var scope = Scope()
        scope.isCodeValue = tag == .codeValue
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
            scope.searchesNumbers = value.count >= 10 && !TemporalValue.isWellFormed(value, vr)
        case .DS, .IS:
            scope.isTechnical = true
            scope.minimum = 7
        case .AT, .FL, .FD, .SL, .SS, .UL, .US, .SV, .UV:
            // Numbers may spell something too.
            guard value.count >= 8 else { return }
            searchBytes(value, &scope)
        case .OB, .OW, .OF, .OD, .OL, .OV, .UN, .unknown:
            searchBytes(value, &scope)
        case .CS, .AE:
            if StructuralTerms.contains(value, tag) { return }
            scope.isTechnical = true
            scope.isCoded = vr == .CS
            scope.searchesParts = true
        default:
            scope.isTechnical = KnownAttributes.technicalText.contains(tag) || tag == .codeMeaning
            scope.searchesParts = true
            scope.shortestPart = tag == .codeMeaning ? Self.shortestPartOfMeaning : 0
        }
        cut(value, scope)
        if scope.searchesNumbers { searchNumbers(value, scope, tag, vr) }
        if patterns.longestMixed > 0 { searchMixed(value, scope) }
        guard !patterns.raw.isEmpty else { return }
        let hasEscapes = value.contains(0x1B)
        for pattern in patterns.raw where hasEscapes || !pattern.isEscaped {
            if Self.contains(value, pattern.bytes) { found.insert(pattern.kind) }
        }
    }

    /// Of random bytes, one position in 10^10 looks like five given letters.
    private mutating func searchBytes(_ value: UnsafeRawBufferPointer, _ scope: inout Scope) {
        scope.isTechnical = true
        scope.minimum = 5
        run(bytes: value)
    }

    /// Whether a value that is kept for what machines write holds an identifier.
    mutating func finds(in value: [UInt8], _ tag: Tag, _ vr: VR) -> Bool {
        value.withUnsafeBytes { run($0, tag, vr) }
        defer { found.removeAll() }
        return !found.isEmpty
    }

    /// Meanings of codes are long words of medicine, in which short names stand by accident.
    private static let shortestPartOfMeaning = 8

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
                guard length >= max(lengths.lowerBound, scope.shortestPart), let pattern = patterns.words[hash],
                    pattern.length == length,
                    pattern.kind == .patientName, !pattern.isOrdinary
                else { continue }
                // "Domina" is in "abdominal" whoever the patient is.
                let whole = String(decoding: value[range], as: UTF8.self).lowercased()
                if AllowedWords.contains(whole) || OrdinaryNames.contains(whole) { return }
                report(pattern, scope)
            }
        }
    }

    mutating func report(_ pattern: IdentifierPatterns.Pattern, _ scope: Scope) {
        let isDay = pattern.kind == .birthDate && pattern.length == 6 && !scope.isCodeValue
        guard pattern.length >= scope.minimum, !(scope.isTechnical && pattern.isOrdinary && !isDay),
            !(scope.isCoded && pattern.isTerm)
        else { return }
        found.insert(pattern.kind)
    }

    @inline(__always) static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    @inline(__always) private static func isWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || IdentifierPatterns.isAlphanumeric(byte)
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
