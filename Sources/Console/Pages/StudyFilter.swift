// The filters of the list of studies, from and to an address.

import Foundation
import Gateway

/// What an address or a form asks for. Whoever copies the address gets the same list.
struct StudyFilter: Sendable {
    static let pageLength = 50
    static let maximumPage = 100_000

    let states: [String]
    /// Only what waits for a person.
    let needsPerson: Bool
    let source: String?
    let destination: String?
    let modality: String?
    let text: String?
    let since: String?
    let until: String?
    let page: Int

    init(_ fields: FormFields) {
        states = StateWords.studies.map(\.raw).filter(fields.all("state").contains)
        needsPerson = fields["person"] == "yes"
        source = fields["source"]
        destination = fields["destination"]
        modality = fields["modality"]?.uppercased()
        text = fields["text"]
        since = fields["since"]
        until = fields["until"]
        page = min(max(fields["page"].flatMap(Int.init) ?? 1, 1), Self.maximumPage)
    }

    /// Whether the text is a study key or (the start of) a UID. Anything else may be an accession number or a
    /// patient ID, and must not stand in an address: those end up in histories and in logs of proxies.
    var textNamesStudy: Bool {
        guard let text else { return true }
        return StudyKey.isKey(text) || Self.isUIDStart(text)
    }

    /// PS3.5, 9.1: the roots are 0, 1 and 2; a dot must follow at once, which no personal number has.
    private static func isUIDStart(_ text: String) -> Bool {
        let digits = text.utf8
        guard digits.count <= 64, let root = digits.first, (0x30...0x32).contains(root) else { return false }
        return digits.dropFirst().first == UInt8(ascii: ".")
            && digits.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    }

    /// The fields without the page, in one fixed order.
    var fields: FormFields {
        var fields = FormFields()
        if let text, textNamesStudy { fields.add("text", text) }
        for state in states { fields.add("state", state) }
        if needsPerson { fields.add("person", "yes") }
        let others = [
            ("source", source), ("destination", destination), ("modality", modality), ("since", since),
            ("until", until),
        ]
        for (name, value) in others {
            if let value { fields.add(name, value) }
        }
        return fields
    }

    func address(page: Int) -> String {
        (page > 1 ? fields.with("page", String(page)) : fields).address("/studies")
    }

    /// nil if a date cannot be read. One study more than a page holds is asked for, to know whether a next page is
    /// there.
    func search(_ timeZone: TimeZone) -> StudySearch? {
        var search = StudySearch()
        search.states = states
        search.needsPerson = needsPerson
        search.source = source
        search.destination = destination
        search.modality = modality
        search.text = text
        if let since {
            guard let range = Self.range(since, timeZone) else { return nil }
            search.since = range.first
        }
        if let until {
            guard let range = Self.range(until, timeZone) else { return nil }
            search.until = range.last
        }
        search.limit = Self.pageLength + 1
        search.offset = (page - 1) * Self.pageLength
        return search
    }

    /// The first and the last moment of a local day, or one moment in RFC 3339.
    private static func range(_ text: String, _ timeZone: TimeZone) -> (first: Date, last: Date)? {
        if !isDay(text) {
            guard let moment = try? Date(text, strategy: .iso8601) else { return nil }
            return (moment, moment)
        }
        let parts = text.split(separator: "-").compactMap { Int($0) }
        let calendar = Readable.calendar(timeZone)
        let components = DateComponents(year: parts[0], month: parts[1], day: parts[2])
        guard components.isValidDate(in: calendar), let first = calendar.date(from: components),
            let next = calendar.date(byAdding: .day, value: 1, to: first)
        else { return nil }
        // A millisecond is the journal's own precision.
        return (first, next.addingTimeInterval(-0.001))
    }

    /// Four digits, two and two, as a date field of a browser sends them.
    static func isDay(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.count) == [4, 2, 2] && parts.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    }
}

enum StudyKey {
    /// The letter and digits, as the desk makes them.
    static func isKey(_ text: String, letter: Character = "S") -> Bool {
        let bytes = text.utf8
        return (2...19).contains(bytes.count) && text.first?.uppercased() == String(letter)
            && bytes.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }
}
