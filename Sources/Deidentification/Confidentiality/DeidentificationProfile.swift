// The profile of one destination: the basic profile and the options that its settings name.

package import DICOMVocabulary

/// What happens to each attribute under the basic profile and a set of options (PS3.15 E.1 to E.3).
package struct DeidentificationProfile: Sendable {
    /// An attribute's action, and what the bare profile would have done: that decides what is left when cleaning leaves
    /// nothing.
    package struct Rule: Hashable, Sendable {
        package let action: ConfidentialityAction
        package let basic: ConfidentialityAction
    }

    package let options: Set<ConfidentialityOption>
    private let rules: [Tag: Rule]

    /// Fails with `.profileMissing` for a code that CID 7050 does not hold and for options that this program cannot keep
    /// its word on.
    package init(options codes: [String]) throws(Failure) {
        var options: Set<ConfidentialityOption> = []
        for code in codes {
            guard let option = ConfidentialityOption(rawValue: code) else {
                throw Self.refused(code, "CID 7050 has no such code")
            }
            if let reason = Self.unsupported[option] { throw Self.refused(code, reason) }
            options.insert(option)
        }
        self.options = options
        var rules: [Tag: Rule] = [:]
        for row in ConfidentialityTable.standard.rows {
            guard case .tag(let tag) = row.subject else { continue }
            rules[tag] = Rule(action: row.action(under: options), basic: row.basic)
        }
        self.rules = rules
    }

    /// The rule of Table E.1-1 for a single tag; nil for tags that the table does not list.
    package func rule(for tag: Tag) -> Rule? { rules[tag] }

    /// Dates and times stay as they are (option 113106).
    package var keepsDates: Bool { options.contains(.retainFullDates) }

    private static let unsupported: [ConfidentialityOption: String] = [
        .cleanPixelData: "pixels are held, not cleaned",
        .cleanRecognizableVisualFeatures: "pixels are held, not cleaned",
        .retainModifiedDates: "shifted dates and the text of reports contradict each other",
        .retainUIDs: "original UIDs lead back to the hospital's archive",
    ]

    private static func refused(_ code: String, _ reason: String) -> Failure {
        Failure(
            .profileMissing, .person, .instance, detail: "de-identification option \(code): \(reason)",
            hint: "Use the codes 113103 to 113106, 113108, 113109, 113111 and 113112.")
    }
}
