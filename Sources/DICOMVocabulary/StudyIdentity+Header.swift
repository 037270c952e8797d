// The identity that a scanned header holds.

extension StudyIdentity {
    /// What the header scanner has to be asked for.
    package static let wantedTags: Set<Tag> = Set(tags + circumstances + sequences + [.specificCharacterSet])

    /// From a header that was scanned for `wantedTags`. Attributes without a value are left out.
    package init(header: ScannedHeader) {
        var room = Self.maximumCircumstances
        var omitted = header.tooLong
        /// Sequences go first: single values of this size are prose.
        var sequences: [RawSequence] = []
        for sequence in Self.sequences.compactMap({ header.sequences[$0] }) where !sequence.items.isEmpty {
            if sequence.items.count <= room {
                room -= sequence.items.count
                sequences.append(sequence)
            } else {
                omitted.append(sequence.tag)
            }
        }
        var attributes = Self.tags.compactMap { header.attribute($0) }
        for attribute in Self.circumstances.compactMap({ header.attribute($0) }) {
            if attribute.value.count <= room {
                room -= attribute.value.count
                attributes.append(attribute)
            } else {
                omitted.append(attribute.tag)
            }
        }
        self.init(
            characterSet: header.text(.specificCharacterSet) ?? "", attributes: attributes, sequences: sequences,
            omitted: omitted)
    }

    /// PS3.6 section 6, edition 2026d; what is not here is LO. Implicit VR does not write them down.
    fileprivate static let representations: [Tag: VR] = [
        Tag(0x0008, 0x0020): .DA, Tag(0x0008, 0x0030): .TM, Tag(0x0008, 0x0050): .SH, Tag(0x0008, 0x0090): .PN,
        Tag(0x0008, 0x009C): .PN, Tag(0x0008, 0x1048): .PN, Tag(0x0010, 0x0010): .PN, Tag(0x0010, 0x0022): .CS,
        Tag(0x0010, 0x0030): .DA, Tag(0x0010, 0x0032): .TM, Tag(0x0010, 0x0035): .CS, Tag(0x0010, 0x0040): .CS,
        Tag(0x0010, 0x1001): .PN, Tag(0x0010, 0x1005): .PN, Tag(0x0010, 0x1010): .AS, Tag(0x0010, 0x1020): .DS,
        Tag(0x0010, 0x1022): .DS, Tag(0x0010, 0x1023): .DS, Tag(0x0010, 0x1024): .DS, Tag(0x0010, 0x1030): .DS,
        Tag(0x0010, 0x1060): .PN, Tag(0x0010, 0x2154): .SH, Tag(0x0010, 0x2160): .SH, Tag(0x0010, 0x2180): .SH,
        Tag(0x0010, 0x21A0): .CS, Tag(0x0010, 0x21B0): .LT, Tag(0x0010, 0x21C0): .US, Tag(0x0010, 0x21D0): .DA,
        Tag(0x0010, 0x2203): .CS, Tag(0x0010, 0x4000): .LT, Tag(0x0020, 0x000D): .UI, Tag(0x0020, 0x0010): .SH,
        Tag(0x0032, 0x1032): .PN, Tag(0x0032, 0x1066): .UT, Tag(0x0038, 0x0008): .CS, Tag(0x0038, 0x0020): .DA,
        Tag(0x0038, 0x0021): .TM, Tag(0x0038, 0x4000): .LT, Tag(0x0040, 0x1001): .SH,
    ]
}

extension ScannedHeader {
    fileprivate func attribute(_ tag: Tag) -> RawAttribute? {
        guard let value = values[tag], !value.isEmpty else { return nil }
        let vr = StudyIdentity.representations[tag] ?? .LO
        guard vr == .US else { return RawAttribute(tag: tag, vr: vr, value: value) }
        // Numbers are written into data sets in little endian.
        return unsigned(tag).map {
            RawAttribute(tag: tag, vr: vr, value: [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)])
        }
    }
}
