// From a scanned header to what rules and pages need to know of an instance.

package import DICOMVocabulary

extension InstanceHeader {
    package static let wantedTags: Set<Tag> = [.modality, .bodyPartExamined, .requestedProcedurePriority]

    /// Of a header that was scanned for `wantedTags`.
    package init(_ header: ScannedHeader) {
        self.init(
            modality: Self.word(header, .modality), bodyPart: Self.word(header, .bodyPartExamined),
            priority: Self.word(header, .requestedProcedurePriority))
    }

    /// Printable ASCII of a sensible length, whatever came.
    private static func word(_ header: ScannedHeader, _ tag: Tag) -> String {
        let text = header.text(tag) ?? ""
        return String(
            decoding: text.utf8.prefix(64).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") },
            as: UTF8.self)
    }
}
