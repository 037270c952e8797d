// The text that a PDF's pages show, as far as it can be read without drawing them.

/// Reads the strings of the text operators (ISO 32000-1, 9.4.3) in every content stream, in each of the encodings that the
/// file's fonts declare by a ToUnicode map (9.10.3), and as single Latin-1 letters. Pieces of one operator or one line stand
/// together, so that a token that was set letter by letter is whole again.
struct PDFText {
    /// By encoding; the first is Latin-1. `isWhole`: every code had a meaning there.
    struct Reading {
        var text: String
        var isWhole: Bool
    }
    private(set) var readings: [Reading] = []
    /// Streams that could not be unpacked and are no pictures or fonts.
    private(set) var unread = 0
    /// By content stream: its lines, each of the pieces set on it.
    let pages: [[[[UInt8]]]]
    let maps: [ToUnicode]

    private static let maximumMaps = 64

    init(_ file: inout PDFFile) {
        var maps: [ToUnicode] = []
        var contents: [[UInt8]] = []
        for stream in file.streams {
            if Self.isNoText(stream.text) { continue }
            guard let content = file.content(of: stream) else {
                unread += 1
                continue
            }
            if content.containsBytes("begincmap") {
                if maps.count < Self.maximumMaps { maps.append(ToUnicode(content)) }
            } else if content.containsBytes("BT"), content.containsBytes("ET") {
                contents.append(content)
            }
        }
        pages = contents.map { Self.strings(in: $0) }
        self.maps = maps
        readings.append(Reading(text: Self.joined(pages) { (Self.latin1($0), true) }.text, isWhole: true))
        for map in maps { readings.append(Self.joined(pages) { map.decode($0) }) }
    }

    /// Whether any letter can be read at all.
    var isEmpty: Bool { readings.allSatisfy { $0.text.allSatisfy { $0.isWhitespace } } }

    /// Pictures, fonts, colour profiles and tables show no text of their own that a search could find.
    private static func isNoText(_ dictionary: ArraySlice<UInt8>) -> Bool {
        if PDFValue.name("Subtype", in: dictionary) == "Image" { return true }
        if ["XRef", "ObjStm"].contains(PDFValue.name("Type", in: dictionary)) { return true }
        // Font programs and colour profiles.
        return ["Length1", "Length2", "Length3", "N", "Alternate"].contains { PDFValue.text($0, in: dictionary) != nil }
            || ["Type1C", "CIDFontType0C", "OpenType"].contains(PDFValue.name("Subtype", in: dictionary))
    }

    private static func joined(
        _ pages: [[[[UInt8]]]], _ decode: ([UInt8]) -> (text: String, isWhole: Bool)
    ) -> Reading {
        var isWhole = true
        let text = pages.map { lines in
            lines.map { pieces in
                pieces.map { piece in
                    let decoded = decode(piece)
                    isWhole = isWhole && decoded.isWhole
                    return decoded.text
                }.joined()
            }.joined(separator: "\n")
        }.joined(separator: "\n\n")
        return Reading(text: text, isWhole: isWhole)
    }

    private static func latin1(_ bytes: [UInt8]) -> String {
        String(String.UnicodeScalarView(bytes.filter { $0 >= 0x20 }.map { Unicode.Scalar($0) }))
    }

    /// Strings of a content stream: lines, each of the pieces set on it.
    private static func strings(in content: [UInt8]) -> [[[UInt8]]] {
        var scanner = PDFScanner(content[...])
        var lines: [[[UInt8]]] = []
        var line: [[UInt8]] = []
        var pending: [[UInt8]] = []
        var operands: [Double] = []
        var lastY = Double.nan
        func endLine() {
            if !line.isEmpty { lines.append(line) }
            line = []
        }
        while let token = scanner.next() {
            switch token {
            case .string(let bytes): pending.append(bytes)
            case .word(let word):
                if let number = Double(word) {
                    operands.append(number)
                    // A wide gap inside of TJ is a space between words.
                    if number < -200, !pending.isEmpty { pending.append([0x20]) }
                    continue
                }
                switch word {
                case "Tj", "TJ": line += pending
                case "'", "\"":
                    endLine()
                    line += pending
                case "Td", "TD":
                    // A move along the line keeps it: letters that are set one by one.
                    if operands.last != 0 { endLine() }
                case "Tm": if operands.count >= 6, operands[operands.count - 1] != lastY { endLine() }
                case "T*", "ET": endLine()
                case "ID": scanner.skipInlinePicture()
                default: break
                }
                if word == "Tm", let y = operands.last { lastY = y }
                pending = []
                operands = []
            default: break
            }
        }
        endLine()
        return lines
    }
}

/// From character codes to Unicode.
struct ToUnicode {
    private var characters: [Int: String] = [:]
    /// Bytes of a code.
    private var width = 2

    init(_ map: [UInt8]) {
        var scanner = PDFScanner(map[...])
        var strings: [[UInt8]] = []
        var inArray = false
        var array: [[UInt8]] = []
        while let token = scanner.next() {
            switch token {
            case .string(let bytes): if inArray { array.append(bytes) } else { strings.append(bytes) }
            case .arrayOpen: (inArray, array) = (true, [])
            case .arrayClose:
                inArray = false
                if strings.count >= 2 {
                    let low = Self.code(strings[strings.count - 2])
                    for (offset, bytes) in array.enumerated() { characters[low + offset] = Self.text(bytes) }
                    strings.removeLast(2)
                }
            case .word("endcodespacerange"):
                width = strings.first?.count ?? width
                strings = []
            case .word("endbfchar"):
                for index in stride(from: 0, to: strings.count - 1, by: 2) {
                    characters[Self.code(strings[index])] = Self.text(strings[index + 1])
                }
                strings = []
            case .word("endbfrange"):
                for index in stride(from: 0, to: strings.count - 2, by: 3) {
                    addRange(Self.code(strings[index]), Self.code(strings[index + 1]), strings[index + 2])
                }
                strings = []
            case .word("begincodespacerange"), .word("beginbfchar"), .word("beginbfrange"): strings = []
            default: break
            }
        }
    }

    private mutating func addRange(_ low: Int, _ high: Int, _ first: [UInt8]) {
        guard low <= high, high - low < 65_536, let last = first.last else { return }
        for offset in 0...(high - low) {
            var bytes = first
            bytes[bytes.count - 1] = UInt8(truncatingIfNeeded: Int(last) + offset)
            characters[low + offset] = Self.text(bytes)
        }
    }

    func decode(_ bytes: [UInt8]) -> (text: String, isWhole: Bool) {
        guard width > 0 else { return ("", false) }
        var text = ""
        var isWhole = bytes.count.isMultiple(of: width)
        for start in stride(from: 0, to: bytes.count - bytes.count % width, by: width) {
            if let character = characters[Self.code(Array(bytes[start..<start + width]))] {
                text += character
            } else {
                isWhole = false
            }
        }
        return (text, isWhole)
    }

    private static func code(_ bytes: [UInt8]) -> Int { bytes.suffix(4).reduce(0) { $0 << 8 | Int($1) } }

    private static func text(_ bytes: [UInt8]) -> String {
        let units = stride(from: 0, to: bytes.count - bytes.count % 2, by: 2)
            .map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        return String(decoding: units, as: UTF16.self)
    }
}
