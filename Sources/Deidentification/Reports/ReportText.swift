// A report for reading: plain text of the content tree (PS3.3 C.17.3), or of the document inside.

package import DICOM
internal import DICOMVocabulary

extension ReportReader {
    /// A readable plain-text rendering, lines separated by "\n". It holds what the report holds, names included.
    package static func text(of dataSet: DataSet) -> String { ReportText(dataSet.root).render() }
}

private struct ReportText {
    private enum Content {
        static let documentTitle = Tag(0x0042, 0x0010)
    }

    private let root: DataSetItem
    private let coding: TextCoding
    private var lines: [String] = []
    private var references = 0

    init(_ root: DataSetItem) {
        self.root = root
        coding = TextCoding(of: root)
    }

    func render() -> String {
        var copy = self
        copy.renderDocument()
        return copy.lines.joined(separator: "\n") + "\n"
    }

    private mutating func renderDocument() {
        lines.append(title)
        let name = PersonName.readable(value(.patientName, root, coding))
        lines.append("Patient: \(name) (\(value(.patientID, root, coding)))")
        line("Accession number", value(.accessionNumber, root, coding))
        line("Study date", Self.date(value(.studyDate, root, coding)))
        let flags = [Tag(0x0040, 0xA491), Tag(0x0040, 0xA493), Tag(0x0040, 0xA496)].map { root.text($0) }
        line("Status", flags.filter { !$0.isEmpty }.joined(separator: ", "))
        for observer in root[Tag(0x0040, 0xA073)]?.items ?? [] {
            let inner = TextCoding(of: observer, within: coding)
            line("Verified by", PersonName.readable(value(Tag(0x0040, 0xA075), observer, inner)))
        }
        if let document = ReportDocument(root) {
            let facts = "\(document.mimeType), \(document.bytes.count) bytes"
            lines += ["", "The report is a document inside the object: \(facts).", "", document.text]
        }
        for item in root[.contentSequence]?.items ?? [] { render(item, coding, depth: 0) }
        if references > 0 { lines += ["", "References: \(references)"] }
    }

    private var title: String {
        if root[.encapsulatedDocument] != nil {
            let title = value(Content.documentTitle, root, coding)
            return title.isEmpty ? "Encapsulated document" : title
        }
        let concept = concept(root, coding)
        return concept.isEmpty ? "Report" : concept
    }

    private mutating func line(_ label: String, _ value: String) {
        if !value.isEmpty { lines.append("\(label): \(value)") }
    }

    /// Depth is bounded by the header scanner, which has walked the data set before.
    private mutating func render(_ item: DataSetItem, _ outer: TextCoding, depth: Int) {
        let coding = TextCoding(of: item, within: outer)
        let concept = concept(item, coding)
        let valueType = item.text(ContentItem.valueType)
        let indent = String(repeating: "  ", count: depth)
        switch valueType {
        case "CONTAINER":
            if depth == 0 { lines.append("") }
            if !concept.isEmpty { lines.append(indent + concept) }
        case "IMAGE", "COMPOSITE", "WAVEFORM", "UIDREF", "SCOORD", "SCOORD3D", "TCOORD":
            if ["IMAGE", "COMPOSITE", "WAVEFORM"].contains(valueType) { references += 1 }
        default:
            let text = content(item, valueType, coding)
            let parts = text.split(whereSeparator: \.isNewline).map(String.init)
            if parts.count > 1 {
                if !concept.isEmpty { lines.append("\(indent)\(concept):") }
                lines += parts.map { "\(indent)  \($0)" }
            } else if !text.isEmpty {
                lines.append(concept.isEmpty ? indent + text : "\(indent)\(concept): \(text)")
            }
        }
        for nested in item[.contentSequence]?.items ?? [] { render(nested, coding, depth: depth + 1) }
    }

    private func content(_ item: DataSetItem, _ valueType: String, _ coding: TextCoding) -> String {
        switch valueType {
        case "TEXT": return value(ContentItem.text, item, coding)
        case "PNAME": return PersonName.readable(value(ContentItem.personName, item, coding))
        case "DATE": return Self.date(value(ContentItem.date, item, coding))
        case "TIME": return Self.time(value(ContentItem.time, item, coding))
        case "DATETIME":
            let text = value(ContentItem.dateTime, item, coding)
            return [Self.date(String(text.prefix(8))), Self.time(String(text.dropFirst(8)))]
                .filter { !$0.isEmpty }.joined(separator: " ")
        case "CODE": return item[ContentItem.code]?.items.first.map { meaning($0, coding) } ?? ""
        case "NUM":
            guard let measured = item[ContentItem.measuredValues]?.items.first else { return "" }
            let unit = measured[ContentItem.units]?.items.first?.text(.codeValue) ?? ""
            let number = value(ContentItem.numericValue, measured, coding)
            return unit.isEmpty || unit == "1" ? number : "\(number) \(unit)"
        default: return ""
        }
    }

    private func concept(_ item: DataSetItem, _ coding: TextCoding) -> String {
        item[ContentItem.conceptName]?.items.first.map { meaning($0, coding) } ?? ""
    }

    private func meaning(_ code: DataSetItem, _ coding: TextCoding) -> String {
        value(.codeMeaning, code, TextCoding(of: code, within: coding))
    }

    private func value(_ tag: Tag, _ item: DataSetItem, _ coding: TextCoding) -> String {
        item[tag].map { coding.decode($0.value, vr: $0.vr) } ?? ""
    }

    private static func date(_ text: String) -> String {
        let digits = Array(text)
        guard CalendarDay(text) != nil else { return text }
        return "\(String(digits[0..<4]))-\(String(digits[4..<6]))-\(String(digits[6..<8]))"
    }

    private static func time(_ text: String) -> String {
        let digits = Array(text.prefix(6))
        guard digits.count >= 4 else { return text }
        return "\(String(digits[0..<2])):\(String(digits[2..<4]))"
    }
}

/// Names for people to read.
enum PersonName {
    /// "Given Middle Family" of the alphabetic group, or of the first group that is not empty (PS3.5 6.2.1).
    static func readable(_ value: String) -> String {
        guard let group = value.split(separator: "=").first else { return "" }
        let parts = group.split(separator: "^", omittingEmptySubsequences: false)
            .map { $0.split(separator: " ").joined(separator: " ") }
        guard let family = parts.first else { return "" }
        // Prefix, given and middle name stand before the family name, a suffix behind it.
        func part(_ index: Int) -> String { index < parts.count ? parts[index] : "" }
        let name = [part(3), part(1), part(2), family].filter { !$0.isEmpty }.joined(separator: " ")
        return part(4).isEmpty ? name : "\(name), \(part(4))"
    }
}
