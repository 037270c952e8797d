// What a profile does, in words: for the site, and for the conformance statement that PS3.15 E.1.3 asks for.

internal import DICOM
internal import DICOMVocabulary

/// What happens to one attribute, and why.
package struct ProfileLine: Sendable, Codable, Hashable {
    /// A tag, a group of tags, or a concept of content items.
    package let attribute: String
    package let name: String
    package let action: String
    package let reason: String
}

package struct ProfileLines: Sendable, Codable {
    package let edition: String
    /// Code and meaning of each option that is on, the basic profile first.
    package let options: [String]
    /// The 657 rows of Table E.1-1, in its order.
    package let attributes: [ProfileLine]
    /// Attributes that the table does not name.
    package let others: [ProfileLine]
    /// Content items of structured documents, by Table E.3.4-1.
    package let contentItems: [ProfileLine]
    /// Private attributes that stay, by Table E.3.10-1.
    package let privateAttributes: [ProfileLine]
}

extension DeidentificationProfile {
    /// The profile as it is carried out, deviations from the table's plain letter included.
    package func lines() -> ProfileLines {
        ProfileLines(
            edition: ConfidentialityTable.edition,
            options: ["113100 Basic Application Confidentiality Profile"]
                + options.sorted { $0.rawValue < $1.rawValue }.map { "\($0.rawValue) \($0.meaning)" },
            attributes: ConfidentialityTable.standard.rows.map(line), others: otherLines(),
            contentItems: options.contains(.cleanStructuredContent)
                ? StructuredContentTable.standard.rows.map(line) : [],
            privateAttributes: options.contains(.retainSafePrivate) ? SafePrivateTable.standard.lines() : [])
    }

    private func line(_ row: ConfidentialityTable.Row) -> ProfileLine {
        func line(_ action: String, _ reason: String) -> ProfileLine {
            ProfileLine(attribute: row.subject.description, name: row.name, action: action, reason: reason)
        }
        switch row.subject {
        case .curve, .overlay: return line("X", "Table E.1-1: \(row.basic.rawValue); drawings may be writing")
        case .privateAttribute:
            return options.contains(.retainSafePrivate)
                ? line("C", "option 113111: what Table E.3.10-1 does not list by creator and representation is removed")
                : line("X", "Table E.1-1")
        case .tag(let tag):
            if let token = Self.tokens[tag] { return line("D", "a token: \(token)") }
            if PseudonymisationRun.isStructural(tag) || KnownAttributes.removed.contains(tag) {
                return line("X", "Table E.1-1: \(row.basic.rawValue); removed whatever the object")
            }
            if PseudonymisationRun.untouched.contains(tag) { return line("K", "written by Antipode") }
            let action = row.action(under: options)
            let asking = row.options.filter { options.contains($0.key) }.map(\.key.rawValue).sorted()
            let reason =
                asking.isEmpty
                ? "Table E.1-1" + (action.rawValue.contains("/") ? ", settled by the attribute's Type in the IOD" : "")
                : "option \(asking.joined(separator: ", ")) over \(row.basic.rawValue)"
            return line(action.rawValue, reason)
        }
    }

    private func line(_ row: StructuredContentTable.Row) -> ProfileLine {
        let asking = row.options.filter { options.contains($0.key) }.map(\.key.rawValue).sorted()
        let action = row.action(under: options)
        return ProfileLine(
            attribute: "\(row.key.valueType) (\(row.key.code), \(row.key.scheme))", name: row.meaning,
            action: action.rawValue,
            reason: asking.isEmpty
                ? "Table E.3.4-1; the item stays, its value becomes a token or a dummy"
                : "option \(asking.joined(separator: ", ")) over \(row.basic.rawValue)")
    }

    private func otherLines() -> [ProfileLine] {
        let table = ConfidentialityTable.standard
        func lines(_ tags: Set<Tag>, _ action: String, _ reason: String) -> [ProfileLine] {
            tags.filter { table.row(for: $0) == nil }.sorted { $0.rawValue < $1.rawValue }.map {
                ProfileLine(attribute: "\($0)", name: AttributeName.of($0), action: action, reason: reason)
            }
        }
        func general(_ what: String, _ action: String, _ reason: String) -> ProfileLine {
            ProfileLine(attribute: what, name: "", action: action, reason: reason)
        }
        return lines(KnownAttributes.removed, "X", "names the hospital, copies an identifier or hides an original")
            + lines(KnownAttributes.structuralUIDs, "K", "names a kind of thing, never a patient's object")
            + lines(KnownAttributes.technicalText, "K", "machines write it; cleaned where it holds an identifier")
            + lines(KnownAttributes.requiredText, "C", "cleaned; a dummy where nothing is left, since it is Type 1")
            + lines(KnownAttributes.binary, "K", "samples, tables, curves or points") + [
                general("(gggg,0000), groups 0000 to 0006, 50xx, 60xx, FFFC", "X", "structural, or drawings"),
                general("7FE0 in items", "X", "pictures inside of items"),
                general("UI", "U", "any other UID outside of 1.2.840.10008"),
                general("PN", "Z", "any other name"),
                general("UR, AE, UN", "X", "hosts, addresses, and what nobody can look into"),
                general("OB, OW", "X", "bytes that are not known to be samples"),
                general("DA, DT, TM", keepsDates ? "K" : "Z", keepsDates ? "option 113106" : "no option keeps dates"),
                general("LO, SH, ST, LT, UT, UC", "C", "any other text: words of the list stay"),
                general("SQ", "C", "each item is walked"),
                general("CS, numbers, AS, AT", "K", "the guard looks into coded values"),
            ]
    }

    private static let tokens: [Tag: String] = [
        .patientName: "of the patient", .patientID: "of the patient", .accessionNumber: "of the study",
        .studyID: "of the study",
        Tag(0x0040, 0x1001): "of the study where it copies the accession number, else removed",
    ]
}

extension ConfidentialityTable.Subject: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tag(let tag): "\(tag)"
        case .curve: "(50xx,xxxx)"
        case .overlay(let element): "(60xx,\(element == 0x3000 ? "3000" : "4000"))"
        case .privateAttribute: "(gggg,eeee) gggg odd"
        }
    }
}

extension SafePrivateTable {
    func lines() -> [ProfileLine] {
        representations.filter { !$0.value.isEmpty }.map { key, vrs in
            let tag = Tag(key.group, UInt16(key.element))
            let text = "\(tag)".replacing(",00", with: ",xx")
            let names = vrs.map(\.rawValue).sorted().joined(separator: " or ")
            return ProfileLine(
                attribute: "\(text) \(key.creator)", name: "",
                action: vrs.isDisjoint(with: [.SQ, .UI, .LO, .SH, .ST, .LT, .UT, .UC]) ? "K" : "C",
                reason: "Table E.3.10-1, as \(names)")
        }.sorted { $0.attribute < $1.attribute }
    }
}
