// The nearest known word to one that was misspelt.

enum EditDistance {
    /// The nearest of the words, if it is near enough to be a slip: a third of its letters, at least two.
    static func nearest(to word: String, among words: some Sequence<String>) -> String? {
        let ranked = words.map { (distance(Array(word), Array($0)), $0) }.sorted { $0 < $1 }
        guard let (distance, nearest) = ranked.first, distance <= max(2, nearest.count / 3) else { return nil }
        return nearest
    }

    /// Letters to insert, remove or replace (Levenshtein).
    static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var row = Array(0...b.count)
        for i in a.indices {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}
