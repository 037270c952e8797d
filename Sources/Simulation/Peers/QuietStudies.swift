// When a simulated reader starts to write.

import DICOMVocabulary

/// Which studies have had no new object for a while. Pure: seconds of any clock that only goes forward are passed in.
struct QuietStudies {
    private var lastArrival: [UID: Double] = [:]
    let quiet: Double

    init(quiet: Double) { self.quiet = quiet }

    mutating func arrived(_ study: UID, at now: Double) { lastArrival[study] = now }

    /// The studies that are due, longest quiet first. Each is named once, until something new arrives for it.
    mutating func due(at now: Double) -> [UID] {
        let due = lastArrival.filter { now - $0.value >= quiet }.sorted {
            ($0.value, $0.key.string) < ($1.value, $1.key.string)
        }.map(\.key)
        for study in due { lastArrival[study] = nil }
        return due
    }

    var isEmpty: Bool { lastArrival.isEmpty }
}
