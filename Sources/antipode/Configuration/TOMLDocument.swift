// TOML 1.0 (https://toml.io/en/v1.0.0), in Swift alone.

/// A parsed document: its values, and the line of every key.
///
/// Written here because the parser inside TOMLKit 0.6.0 (toml++) ends the process by an assertion on slips such as
/// `[[[listener]]]` or `names = [}`. A slip in a file that is read anew at SIGHUP must never end the daemon.
struct TOMLDocument: Sendable {
    struct Fault: Error, Sendable, Hashable {
        var line: Int
        var problem: String
    }

    /// The root table.
    private(set) var values: [String: ConfigurationValue] = [:]
    /// By path as findings write it: `listener[1].port`.
    private var lines: [String: Int] = [:]

    init(_ text: String) throws(Fault) {
        var parser = TOMLParser(text)
        let root = try parser.document()
        values = flatten(root, path: "")
    }

    /// The line of a key, or of the nearest that holds it.
    func line(of path: String) -> Int? {
        var path = path[...]
        while true {
            if let line = lines[String(path)] { return line }
            guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
            path = path[..<end]
        }
    }

    private mutating func flatten(_ table: TOMLTable, path: String) -> [String: ConfigurationValue] {
        if !path.isEmpty { lines[path] = table.line }
        var values: [String: ConfigurationValue] = [:]
        for (name, node) in table.entries {
            let key = path.isEmpty ? name : "\(path).\(name)"
            switch node {
            case .value(let value, let line):
                values[name] = value
                lines[key] = line
            case .table(let table): values[name] = .table(flatten(table, path: key))
            case .tables(let tables):
                var list: [ConfigurationValue] = []
                for (index, table) in tables.enumerated() {
                    list.append(.table(flatten(table, path: "\(key)[\(index + 1)]")))
                }
                values[name] = .array(list)
            }
        }
        return values
    }
}

/// A table while it is being read: later headers add to it.
final class TOMLTable {
    enum Node {
        case value(ConfigurationValue, line: Int)
        case table(TOMLTable)
        /// `[[name]]`
        case tables([TOMLTable])
    }
    enum Origin {
        /// A part of another header's path; its own header can still come.
        case implied
        case header
        /// A part of a dotted key; only other dotted keys add to it.
        case dotted
    }

    var origin: Origin
    var line: Int
    var entries: [String: Node] = [:]

    init(_ origin: Origin, line: Int) {
        self.origin = origin
        self.line = line
    }

    /// The table that `[path]` or `[[path]]` opens. The text is what is wrong.
    func open(_ path: [String], isList: Bool, line: Int) -> Result<TOMLTable, TOMLDocument.Fault> {
        func wrong(_ problem: String) -> Result<TOMLTable, TOMLDocument.Fault> {
            .failure(TOMLDocument.Fault(line: line, problem: problem))
        }
        var table = self
        for name in path.dropLast() {
            switch table.entries[name] {
            case nil:
                let made = TOMLTable(.implied, line: line)
                table.entries[name] = .table(made)
                table = made
            case .table(let next): table = next
            case .tables(let list):
                guard let last = list.last else { return wrong("\(name) is empty") }
                table = last
            case .value: return wrong("\(name) is a value, not a table")
            }
        }
        guard let name = path.last else { return wrong("a table needs a name") }
        switch table.entries[name] {
        case nil:
            let made = TOMLTable(.header, line: line)
            table.entries[name] = isList ? .tables([made]) : .table(made)
            return .success(made)
        case .table(let next) where next.origin == .implied && !isList:
            next.origin = .header
            next.line = line
            return .success(next)
        case .tables(let list) where isList:
            let made = TOMLTable(.header, line: line)
            table.entries[name] = .tables(list + [made])
            return .success(made)
        default: return wrong("\(name) stands here for the second time")
        }
    }

    /// Puts a value behind a key that may be dotted. What is wrong, or nil.
    func put(_ value: ConfigurationValue, _ path: [String], line: Int) -> String? {
        var table = self
        for name in path.dropLast() {
            switch table.entries[name] {
            case nil:
                let made = TOMLTable(.dotted, line: line)
                table.entries[name] = .table(made)
                table = made
            case .table(let next) where next.origin != .header:
                next.origin = .dotted
                table = next
            default: return "\(name) is already something else"
            }
        }
        guard let name = path.last else { return "a value needs a key" }
        guard table.entries[name] == nil else { return "\(name) stands here for the second time" }
        table.entries[name] = .value(value, line: line)
        return nil
    }

    /// As an inline table, which is whole at once.
    var value: ConfigurationValue {
        .table(
            entries.mapValues { node in
                switch node {
                case .value(let value, _): value
                case .table(let table): table.value
                case .tables(let tables): .array(tables.map(\.value))
                }
            })
    }
}
