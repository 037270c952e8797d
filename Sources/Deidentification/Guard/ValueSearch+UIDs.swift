// The search in one value for UIDs of the source.

extension ValueSearch {
    mutating func searchUIDs(_ value: UnsafeRawBufferPointer) {
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
    mutating func searchDottedRuns(_ value: UnsafeRawBufferPointer) {
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
        for index in range {
            // A source's UID with something appended leads back to it just as well.
            if value[index] == 0x2E, index - range.lowerBound >= Self.shortestRoot, patterns.uids.contains(hash) {
                found.insert(.uid)
            }
            hash = IdentifierPatterns.step(hash, IdentifierPatterns.fold(value[index]))
        }
        if patterns.uids.contains(hash) { found.insert(.uid) }
    }

    /// Shorter ones may be the root of an organisation, which many UIDs share.
    private static let shortestRoot = 20
}
