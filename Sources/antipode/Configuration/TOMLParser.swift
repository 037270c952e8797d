// The grammar of TOML 1.0, read byte by byte.

/// Every position is looked at through `peek`, which knows the end, and nesting is bounded.
struct TOMLParser {
    private let bytes: [UInt8]
    private var position = 0
    private(set) var line = 1
    private static let maximumNesting = 32

    init(_ text: String) {
        bytes = Array(text.utf8)
        // A byte order mark is allowed by UTF-8, and editors write it.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    mutating func document() throws(TOMLDocument.Fault) -> TOMLTable {
        let root = TOMLTable(.header, line: 1)
        var current = root
        while true {
            try skipBlank()
            guard let byte = peek() else { return root }
            if byte == UInt8(ascii: "[") {
                current = try header(root)
            } else {
                try pair(into: current)
            }
            try endOfLine()
        }
    }

    // MARK: Structure

    private mutating func header(_ root: TOMLTable) throws(TOMLDocument.Fault) -> TOMLTable {
        position += 1
        let isList = take("[")
        let path = try key()
        guard take("]"), !isList || take("]") else { throw fault("a table's name ends with \(isList ? "]]" : "]")") }
        return try root.open(path, isList: isList, line: line).get()
    }

    private mutating func pair(into table: TOMLTable, nesting: Int = 0) throws(TOMLDocument.Fault) {
        let start = line
        let path = try key()
        guard take("=") else { throw fault("expected = after the key \(path.joined(separator: "."))") }
        skipSpaces()
        let value: ConfigurationValue
        do throws(TOMLDocument.Fault) {
            value = try self.value(nesting)
        } catch {
            throw TOMLDocument.Fault(line: error.line, problem: "\(path.joined(separator: ".")): \(error.problem)")
        }
        if let problem = table.put(value, path, line: start) { throw TOMLDocument.Fault(line: start, problem: problem) }
    }

    /// One or more names with dots between them, and the spaces around.
    private mutating func key() throws(TOMLDocument.Fault) -> [String] {
        var path: [String] = []
        repeat {
            skipSpaces()
            switch peek() {
            case UInt8(ascii: "\""): path.append(try basicString())
            case UInt8(ascii: "'"): path.append(try literalString())
            default:
                let start = position
                while let byte = peek(), Self.isBare(byte) { position += 1 }
                guard position > start else { throw fault("expected a key\(found)") }
                path.append(String(decoding: bytes[start..<position], as: UTF8.self))
            }
            skipSpaces()
        } while take(".")
        return path
    }

    private mutating func value(_ nesting: Int) throws(TOMLDocument.Fault) -> ConfigurationValue {
        guard nesting <= Self.maximumNesting else { throw fault("lists nest deeper than \(Self.maximumNesting)") }
        switch peek() {
        case UInt8(ascii: "\""): return .string(try starts(with: "\"\"\"") ? longString("\"") : basicString())
        case UInt8(ascii: "'"): return .string(try starts(with: "'''") ? longString("'") : literalString())
        case UInt8(ascii: "["): return try array(nesting)
        case UInt8(ascii: "{"): return try inlineTable(nesting)
        default: return try word()
        }
    }

    private mutating func array(_ nesting: Int) throws(TOMLDocument.Fault) -> ConfigurationValue {
        position += 1
        var list: [ConfigurationValue] = []
        while true {
            try skipBlank()
            if take("]") { return .array(list) }
            list.append(try value(nesting + 1))
            try skipBlank()
            if take("]") { return .array(list) }
            guard take(",") else { throw fault("expected , or ] in a list\(found)") }
        }
    }

    private mutating func inlineTable(_ nesting: Int) throws(TOMLDocument.Fault) -> ConfigurationValue {
        position += 1
        let table = TOMLTable(.header, line: line)
        skipSpaces()
        if take("}") { return table.value }
        while true {
            try pair(into: table, nesting: nesting + 1)
            skipSpaces()
            if take("}") { return table.value }
            guard take(",") else { throw fault("expected , or } in a table\(found)") }
        }
    }

    /// What is written without quotes: numbers, true and false, dates and times.
    private mutating func word() throws(TOMLDocument.Fault) -> ConfigurationValue {
        let start = position
        func isPart(_ byte: UInt8) -> Bool { Self.isBare(byte) || byte == 0x2B || byte == 0x2E || byte == 0x3A }
        while let byte = peek(), isPart(byte) { position += 1 }
        // A date and a time may have a space between them.
        if position - start == 10, bytes[start + 4] == 0x2D, peek() == 0x20, let digit = peek(1),
            (0x30...0x39).contains(digit)
        {
            position += 1
            while let byte = peek(), isPart(byte) { position += 1 }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard !text.isEmpty else { throw fault("expected a value\(found)") }
        guard let value = TOMLWord.value(text) else {
            if text.utf8.count == 5, TOMLWord.value("\(text):00") != nil {
                throw fault("a time of day without its seconds; it is written \(text):00")
            }
            // What is not quoted could be a secret without its quotes: it is not repeated.
            throw fault("a value that is no number, date or time; texts stand in quotes")
        }
        return value
    }

    // MARK: Texts

    private mutating func basicString() throws(TOMLDocument.Fault) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = peek(), byte != 0x0A, byte != 0x0D {
            position += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") { text += try escape() } else { text.append(try printable(byte)) }
        }
        throw fault("a text without its closing quote")
    }

    private mutating func literalString() throws(TOMLDocument.Fault) -> String {
        position += 1
        let start = position
        while let byte = peek(), byte != 0x0A, byte != 0x0D {
            position += 1
            if byte == UInt8(ascii: "'") { return String(decoding: bytes[start..<position - 1], as: UTF8.self) }
            _ = try printable(byte)
        }
        throw fault("a text without its closing quote")
    }

    /// A text between three quotes, with line ends; escapes only in `"""`.
    private mutating func longString(_ quote: Character) throws(TOMLDocument.Fault) -> String {
        let mark = quote.asciiValue ?? 0
        let end = String(repeating: quote, count: 3)
        position += 3
        var text: [UInt8] = []
        _ = takeLineEnd()
        while let byte = peek() {
            if starts(with: end) {
                position += 3
                // One or two quotes may stand right before the closing three.
                for _ in 0..<2 where peek() == mark {
                    text.append(mark)
                    position += 1
                }
                return String(decoding: text, as: UTF8.self)
            }
            if takeLineEnd() {
                text.append(0x0A)
                continue
            }
            position += 1
            guard byte == UInt8(ascii: "\\"), quote == "\"" else {
                text.append(try printable(byte))
                continue
            }
            if !skipFolded() { text += try escape() }
        }
        throw fault("a text without its closing quotes")
    }

    /// A backslash at the end of a line takes the line end and the space after it away.
    private mutating func skipFolded() -> Bool {
        let (start, startLine) = (position, line)
        skipSpaces()
        guard takeLineEnd() else {
            (position, line) = (start, startLine)
            return false
        }
        repeat { skipSpaces() } while takeLineEnd()
        return true
    }

    private mutating func escape() throws(TOMLDocument.Fault) -> [UInt8] {
        guard let byte = peek() else { throw fault("a text without its closing quote") }
        position += 1
        switch byte {
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [byte]
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let count = byte == UInt8(ascii: "u") ? 4 : 8
            let digits = String(decoding: bytes[position...].prefix(count), as: UTF8.self)
            guard digits.utf8.count == count, digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16),
                let scalar = Unicode.Scalar(value)
            else { throw fault("an escape that is no character") }
            position += count
            return Array(String(Character(scalar)).utf8)
        default: throw fault("an unknown escape in a text; a backslash itself is written twice")
        }
    }

    private func printable(_ byte: UInt8) throws(TOMLDocument.Fault) -> UInt8 {
        guard byte >= 0x20 && byte != 0x7F || byte == 0x09 else { throw fault("a control character") }
        return byte
    }

    // MARK: Bytes

    private func peek(_ ahead: Int = 0) -> UInt8? {
        position + ahead < bytes.count ? bytes[position + ahead] : nil
    }

    private func starts(with text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

    private mutating func take(_ text: String) -> Bool {
        guard starts(with: text) else { return false }
        position += text.utf8.count
        return true
    }

    private mutating func takeLineEnd() -> Bool {
        guard take("\n") || take("\r\n") else { return false }
        line += 1
        return true
    }

    private mutating func skipSpaces() {
        while let byte = peek(), byte == 0x20 || byte == 0x09 { position += 1 }
    }

    private mutating func skipComment() throws(TOMLDocument.Fault) {
        guard peek() == UInt8(ascii: "#") else { return }
        while let byte = peek(), byte != 0x0A, !starts(with: "\r\n") {
            _ = try printable(byte)
            position += 1
        }
    }

    /// Spaces, comments and line ends.
    private mutating func skipBlank() throws(TOMLDocument.Fault) {
        repeat {
            skipSpaces()
            try skipComment()
        } while takeLineEnd()
    }

    private mutating func endOfLine() throws(TOMLDocument.Fault) {
        skipSpaces()
        try skipComment()
        guard peek() == nil || takeLineEnd() else { throw fault("expected the end of the line\(found)") }
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
    }

    /// `, not }`
    private var found: String {
        guard let byte = peek() else { return ", not the end of the file" }
        if byte == 0x0A || byte == 0x0D { return ", not the end of the line" }
        return (0x21...0x7E).contains(byte) ? ", not \(Character(Unicode.Scalar(byte)))" : ""
    }

    private func fault(_ problem: String) -> TOMLDocument.Fault { TOMLDocument.Fault(line: line, problem: problem) }
}
