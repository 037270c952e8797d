// What else a report gets back of its study: the rest of the patient, study and visit modules, as far as there is room.

extension StudyIdentity {
    /// Bytes of `circumstances` and `sequenceTags` together that are kept of one study. They go with every instance from
    /// the workshop to the office, and up to 64 different identities of a study stand in the vault. What finds no room
    /// is in `omitted`: the report comes home without it, and its history says so.
    package static let maximumCircumstances = 32_768

    /// PS3.3 C.7.1.1 (Patient), C.7.2.1 (General Study), C.7.2.2 (Patient Study) and C.3.2 to C.3.4 (Visit), as far as
    /// they are single values of patient, study or stay. Not Name of Physician(s) Reading Study (0008,1060): that is the
    /// reader's.
    package static let circumstances: [Tag] = [
        Tag(0x0008, 0x009C), Tag(0x0008, 0x1048), Tag(0x0008, 0x1080), Tag(0x0010, 0x0022), Tag(0x0010, 0x0033),
        Tag(0x0010, 0x0034), Tag(0x0010, 0x0035), Tag(0x0010, 0x1005), Tag(0x0010, 0x1022), Tag(0x0010, 0x1023),
        Tag(0x0010, 0x1024), Tag(0x0010, 0x1060), Tag(0x0010, 0x2000), Tag(0x0010, 0x2110), Tag(0x0010, 0x2160),
        Tag(0x0010, 0x2180), Tag(0x0010, 0x21A0), Tag(0x0010, 0x21B0), Tag(0x0010, 0x21C0), Tag(0x0010, 0x21D0),
        Tag(0x0010, 0x2203), Tag(0x0010, 0x4000), Tag(0x0032, 0x1032), Tag(0x0032, 0x1033), Tag(0x0032, 0x1066),
        Tag(0x0038, 0x0008), Tag(0x0038, 0x0016), Tag(0x0038, 0x0020), Tag(0x0038, 0x0021), Tag(0x0038, 0x0050),
        Tag(0x0038, 0x0060), Tag(0x0038, 0x0062), Tag(0x0038, 0x0300), Tag(0x0038, 0x0400), Tag(0x0038, 0x0500),
        Tag(0x0038, 0x4000),
    ]

    /// Issuers first, for they say whose numbers the identifiers are.
    package static let sequences: [Tag] = [
        Tag(0x0010, 0x0024), Tag(0x0008, 0x0051), Tag(0x0010, 0x1002), Tag(0x0038, 0x0014), Tag(0x0038, 0x0064),
        Tag(0x0008, 0x0096), Tag(0x0008, 0x1110), Tag(0x0008, 0x1120), Tag(0x0008, 0x1032), Tag(0x0008, 0x009D),
        Tag(0x0008, 0x1049), Tag(0x0008, 0x1084), Tag(0x0010, 0x1021), Tag(0x0032, 0x1034), Tag(0x0032, 0x1067),
        Tag(0x0040, 0x1012),
    ]
    package static let sequenceTags = Set(sequences)

    private static let dispensable = Set(circumstances)

    /// Whether an object is taken without it where it is too long.
    static func isDispensable(_ tag: Tag) -> Bool { dispensable.contains(tag) }
}
