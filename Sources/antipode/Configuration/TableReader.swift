// A typed reader above TOML that collects every fault instead of stopping at the first.

import DICOMVocabulary
import Foundation
import Routing

/// Collects what readers find, and what they asked for.
final class FaultCollector {
    let file: String
    private let document: TOMLDocument
    private(set) var findings: [Finding] = []
    /// Every key that was asked for, without the numbers of list entries: what the sample has to show.
    private(set) var knownKeys: Set<String> = []
    /// Names of tables with so many faults that no values came of them. What points at them is right all the same.
    var unread: Set<String> = []

    init(file: String, document: TOMLDocument) {
        self.file = file
        self.document = document
    }

    func add(_ key: String, value: String? = nil, _ problem: String, allowed: String? = nil, hint: String? = nil) {
        note(.error, key, value, problem, allowed, hint)
    }

    /// Notes what is allowed but deserves a look.
    func warn(_ key: String, value: String? = nil, _ problem: String, hint: String? = nil) {
        note(.warning, key, value, problem, nil, hint)
    }

    private func note(
        _ level: Finding.Level, _ key: String, _ value: String?, _ problem: String, _ allowed: String?, _ hint: String?
    ) {
        findings.append(
            Finding(
                level, file: file, line: document.line(of: key), key: key, value: value, problem: problem,
                allowed: allowed, hint: hint))
    }

    func note(known key: String) {
        var name = ""
        var isInside = false
        for character in key {
            if character == "[" { isInside = true }
            if !isInside { name.append(character) }
            if character == "]" { isInside = false }
        }
        knownKeys.insert(name)
    }
}

/// Reads one table. Each method takes a key, says what is allowed, and gives the default where the key is absent or
/// wrong; the fault is noted, so that the caller can go on. `finish()` reports the keys that nobody asked for.
final class TableReader {
    let path: String
    let faults: FaultCollector
    private let values: [String: ConfigurationValue]
    private var asked: Set<String> = []

    init(path: String, values: [String: ConfigurationValue], faults: FaultCollector) {
        self.path = path
        self.values = values
        self.faults = faults
    }

    func key(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    var names: [String] { values.keys.sorted() }

    func has(_ name: String) -> Bool { values[name] != nil }

    func value(_ name: String) -> ConfigurationValue? {
        asked.insert(name)
        faults.note(known: key(name))
        return values[name]
    }

    func fault(_ name: String, _ problem: String, allowed: String? = nil, hint: String? = nil, isSecret: Bool = false) {
        let value = isSecret ? nil : values[name]?.shown
        faults.add(key(name), value: value, problem, allowed: allowed, hint: hint)
    }

    /// Converts a value, or notes a fault and gives nil. Absent is nil without a fault.
    func convert<Result>(
        _ name: String, allowed: String, isSecret: Bool = false, _ body: (ConfigurationValue) -> Result?
    ) -> Result? {
        guard let value = value(name) else { return nil }
        if let result = body(value) { return result }
        fault(name, "\(value.kind) that is not allowed here", allowed: allowed, isSecret: isSecret)
        return nil
    }

    /// Notes that a key is needed. Call it only where it is absent.
    func requireKey(_ name: String, allowed: String, hint: String? = nil) {
        asked.insert(name)
        faults.note(known: key(name))
        if values[name] == nil { fault(name, "is missing", allowed: allowed, hint: hint) }
    }

    func finish() {
        for name in values.keys.sorted() where !asked.contains(name) {
            // A secret could stand behind a key that we do not know: the value is not shown.
            faults.add(key(name), "is not a key that Antipode knows", hint: KeySuggestion.hint(for: name, among: asked))
        }
    }

    // MARK: Tables

    /// A table; an empty one where it is absent.
    func table(_ name: String) -> TableReader {
        let table: [String: ConfigurationValue]? = convert(name, allowed: "a table [\(key(name))]") {
            if case .table(let table) = $0 { table } else { nil }
        }
        return TableReader(path: key(name), values: table ?? [:], faults: faults)
    }

    /// Every `[[name]]`, numbered from 1.
    func tables(_ name: String) -> [TableReader] {
        let list: [ConfigurationValue]? = convert(name, allowed: "tables [[\(key(name))]]") {
            if case .array(let list) = $0 { list } else { nil }
        }
        return (list ?? []).enumerated().compactMap { index, value in
            let path = "\(key(name))[\(index + 1)]"
            guard case .table(let table) = value else {
                faults.add(path, "\(value.kind) that is not allowed here", allowed: "a table [[\(key(name))]]")
                return nil
            }
            return TableReader(path: path, values: table, faults: faults)
        }
    }

    // MARK: Plain values

    func text(_ name: String, allowed: String = "a text", isSecret: Bool = false) -> String? {
        convert(name, allowed: allowed, isSecret: isSecret) {
            if case .string(let text) = $0, !text.isEmpty { text } else { nil }
        }
    }

    func requiredText(_ name: String, allowed: String = "a text", hint: String? = nil) -> String {
        requireKey(name, allowed: allowed, hint: hint)
        return text(name, allowed: allowed) ?? ""
    }

    func boolean(_ name: String, default standard: Bool) -> Bool {
        convert(name, allowed: "true or false") { if case .boolean(let value) = $0 { value } else { nil } } ?? standard
    }

    func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        convert(name, allowed: "\(range.lowerBound) to \(range.upperBound)") {
            if case .integer(let value) = $0, range.contains(value) { value } else { nil }
        }
    }

    func integer(_ name: String, in range: ClosedRange<Int>, default standard: Int) -> Int {
        integer(name, in: range) ?? standard
    }

    /// Seconds, written as a text with a unit.
    func duration(_ name: String, in range: ClosedRange<Double>, default standard: Double) -> Double {
        let ends = (Units.describe(seconds: range.lowerBound), Units.describe(seconds: range.upperBound))
        return convert(name, allowed: "\"\(ends.0)\" to \"\(ends.1)\", with a unit of ms, s, min, h or d") {
            guard case .string(let text) = $0, let seconds = Units.duration(text), range.contains(seconds) else {
                return nil
            }
            return seconds
        } ?? standard
    }

    /// Bytes, written as a text with a unit.
    func size(_ name: String, in range: ClosedRange<Int64>, default standard: Int64) -> Int64 {
        let ends = (Units.describe(bytes: range.lowerBound), Units.describe(bytes: range.upperBound))
        return convert(name, allowed: "\"\(ends.0)\" to \"\(ends.1)\", with a unit of B, KiB, MiB, GiB or TiB") {
            guard case .string(let text) = $0, let bytes = Units.size(text), range.contains(bytes) else { return nil }
            return bytes
        } ?? standard
    }

    /// One word of a choice.
    func word<Choice: RawRepresentable & CaseIterable>(_ name: String, _: Choice.Type) -> Choice?
    where Choice.RawValue == String {
        convert(name, allowed: Self.choices(Choice.self)) {
            if case .string(let text) = $0 { Choice(rawValue: text) } else { nil }
        }
    }

    static func choices<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) -> String
    where Choice.RawValue == String {
        Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    }

    // MARK: Lists

    /// A list of texts, each converted; an entry that is not allowed is a fault of its own and left out.
    func list<Element>(_ name: String, of allowed: String, _ body: (String) -> Element?) -> [Element] {
        let list: [ConfigurationValue]? = convert(name, allowed: "a list of texts: \(allowed)") {
            if case .array(let list) = $0 { list } else { nil }
        }
        return (list ?? []).enumerated().compactMap { index, value in
            if case .string(let text) = value, !text.isEmpty, let element = body(text) { return element }
            faults.add("\(key(name))[\(index + 1)]", value: value.shown, "is not allowed here", allowed: allowed)
            return nil
        }
    }

    func texts(_ name: String, of allowed: String = "texts") -> [String] { list(name, of: allowed) { $0 } }
}
