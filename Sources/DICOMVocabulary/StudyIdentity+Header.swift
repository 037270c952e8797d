// The identity that a scanned header holds.

extension StudyIdentity {
    /// What the header scanner has to be asked for.
    package static let wantedTags: Set<Tag> = Set(tags).union([.specificCharacterSet])

    /// From a header that was scanned for `wantedTags`. Attributes without a value are left out.
    package init(header: ScannedHeader) {
        self.init(
            characterSet: header.text(.specificCharacterSet) ?? "",
            attributes: Self.tags.compactMap { tag in
                guard let value = header.values[tag], !value.isEmpty else { return nil }
                return RawAttribute(tag: tag, vr: Self.representations[tag] ?? .LO, value: value)
            })
    }

    /// PS3.6 section 6, edition 2026d; what is not here is LO. Implicit VR does not write them down.
    private static let representations: [Tag: VR] = [
        Tag(0x0008, 0x0020): .DA, Tag(0x0008, 0x0030): .TM, Tag(0x0008, 0x0050): .SH, Tag(0x0008, 0x0090): .PN,
        Tag(0x0010, 0x0010): .PN, Tag(0x0010, 0x0030): .DA, Tag(0x0010, 0x0032): .TM, Tag(0x0010, 0x0040): .CS,
        Tag(0x0010, 0x1001): .PN, Tag(0x0010, 0x1010): .AS, Tag(0x0010, 0x1020): .DS, Tag(0x0010, 0x1030): .DS,
        Tag(0x0010, 0x2154): .SH, Tag(0x0020, 0x000D): .UI, Tag(0x0020, 0x0010): .SH, Tag(0x0040, 0x1001): .SH,
    ]
}
