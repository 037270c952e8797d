// Table E.3.4-1 as values.

/// What to do with a content item of a structured report by its concept name and value type (PS3.15 E.3.4).
package struct StructuredContentTable: Sendable {
    package struct Key: Hashable, Sendable {
        package let code: String
        package let scheme: String
        package let valueType: String
    }

    package struct Row: Sendable {
        package let key: Key
        package let meaning: String
        package let basic: ConfidentialityAction
        package let options: [ConfidentialityOption: ConfidentialityAction]

        package func action(under enabled: Set<ConfidentialityOption>) -> ConfidentialityAction {
            basic.overridden(by: options, enabled: enabled)
        }
    }

    package let rows: [Row]
    private let index: [Key: Int]

    package static let standard = StructuredContentTable(source)

    init(_ source: String) {
        let rows = source.split(separator: "\n").compactMap(Self.row)
        self.rows = rows
        index = Dictionary(rows.indices.map { (rows[$0].key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    package func row(code: String, scheme: String, valueType: String) -> Row? {
        index[Key(code: code, scheme: scheme, valueType: valueType)].map { rows[$0] }
    }

    private static let columns: [ConfidentialityOption] = [
        .retainUIDs, .retainDeviceIdentity, .retainInstitutionIdentity, .retainPatientCharacteristics,
        .retainFullDates, .retainModifiedDates, .cleanDescriptors,
    ]

    private static func row(_ line: Substring) -> Row? {
        let fields = line.split(separator: "|", maxSplits: 12, omittingEmptySubsequences: false)
        guard fields.count == 13, let basic = ConfidentialityAction(rawValue: String(fields[4])) else { return nil }
        var options: [ConfidentialityOption: ConfidentialityAction] = [:]
        for (option, field) in zip(columns, fields[5...]) where !field.isEmpty {
            guard let action = ConfidentialityAction(rawValue: String(field)) else { return nil }
            options[option] = action
        }
        return Row(
            key: Key(code: String(fields[0]), scheme: String(fields[1]), valueType: String(fields[2])),
            meaning: String(fields[12]), basic: basic, options: options)
    }
}
