// Values of a PDF dictionary, by their keys.

/// Looks at the text of a dictionary: keys of its own level, not of dictionaries inside of it.
enum PDFValue {
    /// The text of a value: up to the next key, or the end of the dictionary.
    static func text(_ key: String, in dictionary: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var scanner = PDFScanner(dictionary)
        var level = 0
        while let token = scanner.next() {
            switch token {
            case .open: level += 1
            case .close: level -= 1
            case .name(let name) where level == 1 && name == key:
                let start = scanner.position
                guard let end = endOfValue(&scanner) else { return nil }
                return dictionary[start..<end]
            case .name where level == 1:
                guard endOfValue(&scanner) != nil else { return nil }
            default: break
            }
        }
        return nil
    }

    /// Passes one value: a scalar, a reference, an array or a dictionary.
    private static func endOfValue(_ scanner: inout PDFScanner) -> Int? {
        guard let first = scanner.next() else { return nil }
        switch first {
        case .open, .arrayOpen:
            var depth = 1
            while depth > 0 {
                guard let token = scanner.next() else { return nil }
                switch token {
                case .open, .arrayOpen: depth += 1
                case .close, .arrayClose: depth -= 1
                default: break
                }
            }
            return scanner.position
        case .close, .arrayClose: return nil
        case .word:
            // Perhaps `12 0 R`.
            let end = scanner.position
            var ahead = scanner
            if case .word = ahead.next(), case .word(let letter) = ahead.next(), letter == "R" {
                scanner = ahead
                return ahead.position
            }
            return end
        default: return scanner.position
        }
    }

    static func integer(_ key: String, in dictionary: ArraySlice<UInt8>) -> Int? {
        guard let value = text(key, in: dictionary) else {
            // Inside of decode parameters.
            guard ["Predictor", "Columns"].contains(key), let parameters = text("DecodeParms", in: dictionary),
                let start = parameters.range(of: "<<")
            else { return nil }
            return integer(key, in: parameters[start.lowerBound...])
        }
        let words = value.split(whereSeparator: PDFFile.isSpace)
        return words.count == 1 ? Int(String(decoding: words[0], as: UTF8.self)) : nil
    }

    static func name(_ key: String, in dictionary: ArraySlice<UInt8>) -> String? {
        names(key, in: dictionary).first
    }

    static func names(_ key: String, in dictionary: ArraySlice<UInt8>) -> [String] {
        guard let value = text(key, in: dictionary) else { return [] }
        var scanner = PDFScanner(value)
        var all: [String] = []
        while let token = scanner.next() { if case .name(let name) = token { all.append(name) } }
        return all
    }

    /// The number in `12 0 R`.
    static func reference(_ text: ArraySlice<UInt8>) -> Int? {
        let words = text.split(whereSeparator: PDFFile.isSpace).map { String(decoding: $0, as: UTF8.self) }
        return words.count == 3 && words[2] == "R" ? Int(words[0]) : nil
    }

    static func reference(_ key: String, in dictionary: ArraySlice<UInt8>) -> Int? {
        text(key, in: dictionary).flatMap { reference($0) }
    }
}

/// Tokens of PDF syntax (ISO 32000-1, 7.2 and 7.3).
struct PDFScanner {
    enum Token: Equatable {
        case open, close, arrayOpen, arrayClose
        case name(String)
        case string([UInt8])
        /// A number, an operator, or a word.
        case word(String)
    }

    private let bytes: ArraySlice<UInt8>
    private(set) var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    mutating func next() -> Token? {
        skipSpace()
        guard position < bytes.endIndex else { return nil }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "<"):
            if peek == byte {
                position += 1
                return .open
            }
            return .string(hexadecimal())
        case UInt8(ascii: ">"):
            if peek == byte { position += 1 }
            return .close
        case UInt8(ascii: "["): return .arrayOpen
        case UInt8(ascii: "]"): return .arrayClose
        case UInt8(ascii: "("): return .string(literal())
        case UInt8(ascii: "/"): return .name(regular(from: position))
        case UInt8(ascii: ")"), UInt8(ascii: "{"), UInt8(ascii: "}"): return .word("")
        default: return .word(regular(from: position - 1))
        }
    }

    /// Passes the bytes of an inline picture, from behind `ID` to behind `EI`.
    mutating func skipInlinePicture() {
        while position + 3 < bytes.endIndex {
            if PDFFile.isSpace(bytes[position]), bytes[position + 1] == 0x45, bytes[position + 2] == 0x49,
                PDFFile.isSpace(bytes[position + 3])
            {
                position += 3
                return
            }
            position += 1
        }
        position = bytes.endIndex
    }

    private var peek: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek {
            if byte == UInt8(ascii: "%") {
                while let byte = peek, byte != 0x0A, byte != 0x0D { position += 1 }
            } else if PDFFile.isSpace(byte) {
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func regular(from start: Int) -> String {
        while let byte = peek, !PDFFile.isSpace(byte), !"()<>[]{}/%".utf8.contains(byte) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func hexadecimal() -> [UInt8] {
        let start = position
        while let byte = peek, byte != UInt8(ascii: ">") { position += 1 }
        let digits = bytes[start..<position]
        if position < bytes.endIndex { position += 1 }
        return PDFFilters.hexadecimal(digits)
    }

    private mutating func literal() -> [UInt8] {
        var value: [UInt8] = []
        var depth = 1
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "("):
                depth += 1
                value.append(byte)
            case UInt8(ascii: ")"):
                depth -= 1
                if depth == 0 { return value }
                value.append(byte)
            case UInt8(ascii: "\\"): escaped(&value)
            default: value.append(byte)
            }
        }
        return value
    }

    private mutating func escaped(_ value: inout [UInt8]) {
        guard let byte = peek else { return }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): value.append(0x0A)
        case UInt8(ascii: "r"): value.append(0x0D)
        case UInt8(ascii: "t"): value.append(0x09)
        case UInt8(ascii: "b"): value.append(0x08)
        case UInt8(ascii: "f"): value.append(0x0C)
        case 0x0D: if peek == 0x0A { position += 1 }
        case 0x0A: break
        case 0x30...0x37:
            var code = Int(byte - 0x30)
            for _ in 0..<2 {
                guard let digit = peek, (0x30...0x37).contains(digit) else { break }
                code = code * 8 + Int(digit - 0x30)
                position += 1
            }
            value.append(UInt8(truncatingIfNeeded: code))
        default: value.append(byte)
        }
    }
}
