// The terms that hold a structured report together.

internal import DICOMVocabulary

/// Value Type (0040,A040) and Relationship Type (0040,A010), which stand in every item of a report: their defined terms
/// (PS3.3 C.17.3.2.1 and C.17.3.2.4) name nobody, and need no search. Anything else in their place is searched.
enum StructuralTerms {
    private static let terms: Set<String> = [
        "TEXT", "NUM", "CODE", "DATETIME", "DATE", "TIME", "UIDREF", "PNAME", "COMPOSITE", "IMAGE", "WAVEFORM",
        "SCOORD",
        "SCOORD3D", "TCOORD", "CONTAINER", "TABLE", "CONTAINS", "HAS OBS CONTEXT", "HAS CONCEPT MOD", "HAS PROPERTIES",
        "HAS ACQ CONTEXT", "INFERRED FROM", "SELECTED FROM",
    ]
    private static let tags: Set<Tag> = [Tag(0x0040, 0xA040), Tag(0x0040, 0xA010)]
    private static let hashes = Set(terms.map { IdentifierPatterns.hash($0.utf8) })

    static func contains(_ value: UnsafeRawBufferPointer, _ tag: Tag) -> Bool {
        guard tags.contains(tag) else { return false }
        var end = value.count
        while end > 0, value[end - 1] == 0x20 || value[end - 1] == 0 { end -= 1 }
        return hashes.contains(IdentifierPatterns.hash(value[..<end]))
    }
}
