// Table E.1-1 as values.

package import DICOMVocabulary

/// The attributes of the Basic Application Level Confidentiality Profile and what each option changes
/// (PS3.15 Table E.1-1, edition in `edition`).
package struct ConfidentialityTable: Sendable {
    /// What a row speaks of: nearly always one tag.
    package enum Subject: Hashable, Sendable {
        case tag(Tag)
        /// (50xx,xxxx)
        case curve
        /// (60xx,3000) and (60xx,4000): the element in every overlay group.
        case overlay(UInt16)
        /// (gggg,eeee) where gggg is odd
        case privateAttribute
    }

    package struct Row: Sendable {
        package let subject: Subject
        package let name: String
        package let isRetired: Bool
        package let isInStandardIOD: Bool
        package let basic: ConfidentialityAction
        package let options: [ConfidentialityOption: ConfidentialityAction]

        package func action(under enabled: Set<ConfidentialityOption>) -> ConfidentialityAction {
            basic.overridden(by: options, enabled: enabled)
        }
    }

    package let rows: [Row]
    private let index: [Subject: Int]

    package static let standard = ConfidentialityTable(source)

    /// Lines that do not have the shape of a row are left out; a test counts the rows.
    init(_ source: String) {
        let rows = source.split(separator: "\n").compactMap(Self.row)
        self.rows = rows
        index = Dictionary(rows.indices.map { (rows[$0].subject, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The row that speaks of the tag, with the repeating groups and private attributes folded into theirs.
    package func row(for tag: Tag) -> Row? { index[Self.subject(of: tag)].map { rows[$0] } }

    static func subject(of tag: Tag) -> Subject {
        if tag.isPrivate { return .privateAttribute }
        if tag.group & 0xFF00 == 0x5000 { return .curve }
        if tag.group & 0xFF00 == 0x6000, tag.element == 0x3000 || tag.element == 0x4000 { return .overlay(tag.element) }
        return .tag(tag)
    }

    /// The option columns in the order of the source.
    private static let columns: [ConfidentialityOption] = [
        .retainSafePrivate, .retainUIDs, .retainDeviceIdentity, .retainInstitutionIdentity,
        .retainPatientCharacteristics, .retainFullDates, .retainModifiedDates, .cleanDescriptors,
        .cleanStructuredContent, .cleanGraphics,
    ]

    private static func row(_ line: Substring) -> Row? {
        let fields = line.split(separator: "|", maxSplits: 13, omittingEmptySubsequences: false)
        guard fields.count == 14, let subject = subject(String(fields[0])),
            let basic = ConfidentialityAction(rawValue: String(fields[2]))
        else { return nil }
        var options: [ConfidentialityOption: ConfidentialityAction] = [:]
        for (option, field) in zip(columns, fields[3...]) where !field.isEmpty {
            guard let action = ConfidentialityAction(rawValue: String(field)) else { return nil }
            options[option] = action
        }
        return Row(
            subject: subject, name: String(fields[13]), isRetired: fields[1].hasPrefix("Y"),
            isInStandardIOD: fields[1].hasSuffix("Y"), basic: basic, options: options)
    }

    private static func subject(_ text: String) -> Subject? {
        switch text {
        case "oddgroup": .privateAttribute
        case "50xxxxxx": .curve
        case "60xx3000": .overlay(0x3000)
        case "60xx4000": .overlay(0x4000)
        default: UInt32(text, radix: 16).map { .tag(Tag(rawValue: $0)) }
        }
    }
}
