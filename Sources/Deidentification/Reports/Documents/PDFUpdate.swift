// A page before the first one, as an incremental update (ISO 32000-1, 7.5.6).

/// Finds the catalog and the root of the page tree, and writes behind the file's end: the new page, its content and font,
/// the tree's root with one kid more, and a table in the kind that the file has.
struct PDFUpdate {
    private let file: PDFFile
    private let catalog: Int
    private let tree: Int
    private let treeText: [UInt8]
    private let trailer: ArraySlice<UInt8>
    private let startOfTable: Int
    private let hasTableStream: Bool
    private let size: Int

    init?(_ file: PDFFile) {
        self.file = file
        guard let word = file.bytes.lastRange(of: "startxref"),
            let start = Self.number(after: word.upperBound, in: file.bytes), start < file.bytes.count
        else { return nil }
        startOfTable = start
        var at = start
        while at < file.bytes.count, PDFFile.isSpace(file.bytes[at]) { at += 1 }
        hasTableStream = !file.bytes[at...].starts(with: "xref".utf8)
        let after = hasTableStream ? file.bytes[at...].range(of: "obj") : file.bytes[at...].range(of: "trailer")
        guard let after, let end = file.bytes[after.upperBound...].range(of: hasTableStream ? "stream" : "startxref")
        else { return nil }
        trailer = file.bytes[after.upperBound..<end.lowerBound]
        guard let catalog = PDFValue.reference("Root", in: trailer), let root = file.objects[catalog],
            let tree = PDFValue.reference("Pages", in: root.text), let pages = file.objects[tree],
            let size = PDFValue.integer("Size", in: trailer), size > tree, size < PDFFile.maximumObjects * 4,
            let text = Self.withOneKidMore(pages.text, file, kid: size)
        else { return nil }
        self.catalog = catalog
        self.tree = tree
        treeText = text
        self.size = size
    }

    func document(with content: [UInt8]) -> [UInt8] {
        var file = file.bytes
        if file.last != 0x0A { file.append(0x0A) }
        let (page, stream, font) = (size, size + 1, size + 2)
        var offsets: [(number: Int, offset: Int)] = []
        func add(_ number: Int, _ value: [UInt8]) {
            offsets.append((number, file.count))
            file += Array("\(number) 0 obj\n".utf8) + value + Array("\nendobj\n".utf8)
        }
        add(tree, treeText)
        add(
            page,
            Array(
                """
                << /Type /Page /Parent \(tree) 0 R /MediaBox [0 0 595 842] /Rotate 0 /Contents \(stream) 0 R \
                /Resources << /Font << /AntipodeF \(font) 0 R >> >> >>
                """.utf8))
        add(stream, Array("<< /Length \(content.count) >>\nstream\n".utf8) + content + Array("endstream".utf8))
        add(font, Array("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".utf8))
        let table = file.count
        file += hasTableStream ? tableStream(offsets, at: table) : plainTable(offsets)
        file += Array("startxref\n\(table)\n%%EOF\n".utf8)
        return file
    }

    // MARK: Tables

    private func plainTable(_ offsets: [(number: Int, offset: Int)]) -> [UInt8] {
        var text = "xref\n"
        for (number, offset) in offsets {
            let digits = String(offset)
            text += "\(number) 1\n" + String(repeating: "0", count: max(0, 10 - digits.count)) + digits + " 00000 n \n"
        }
        return Array((text + "trailer\n<< \(rest(size + 3)) >>\n").utf8)
    }

    private func tableStream(_ offsets: [(number: Int, offset: Int)], at table: Int) -> [UInt8] {
        let number = size + 3
        let all = offsets + [(number, table)]
        let index = all.map { "\($0.number) 1" }.joined(separator: " ")
        let entries = all.flatMap { entry -> [UInt8] in
            [1] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: entry.offset >> $0) } + [0, 0]
        }
        let head = """
            \(number) 0 obj
            << /Type /XRef /W [1 4 2] /Index [\(index)] /Length \(entries.count) \(rest(number + 1)) >>
            stream

            """
        return Array(head.utf8) + entries + Array("\nendstream\nendobj\n".utf8)
    }

    private func rest(_ size: Int) -> String {
        var text = "/Size \(size) /Root \(catalog) 0 R /Prev \(startOfTable)"
        for key in ["Info", "ID"] {
            if let value = PDFValue.text(key, in: trailer) { text += " /\(key) " + Self.latin1(value) }
        }
        return text
    }

    /// One letter for each byte: an ID is a string of any bytes. Written back as UTF-8 it must stay the same, so other
    /// bytes are not carried over.
    private static func latin1(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.allSatisfy { $0 < 0x80 } ? String(decoding: bytes, as: UTF8.self) : "[]"
    }

    // MARK: The tree

    private static func withOneKidMore(_ text: ArraySlice<UInt8>, _ file: PDFFile, kid: Int) -> [UInt8]? {
        guard let kids = PDFValue.text("Kids", in: text), let count = PDFValue.text("Count", in: text) else {
            return nil
        }
        let list = file.resolved(kids)
        let number = file.resolved(count).split(whereSeparator: PDFFile.isSpace)
        guard let open = list.range(of: "["), let close = list.lastIndex(of: UInt8(ascii: "]")),
            number.count == 1, let pages = Int(String(decoding: number[0], as: UTF8.self)), pages >= 0
        else { return nil }
        let inside = Array(list[open.upperBound..<close])
        var result: [UInt8] = []
        var position = text.startIndex
        let changes = [
            (kids, Array(" [\(kid) 0 R ".utf8) + inside + Array("] ".utf8)), (count, Array(" \(pages + 1) ".utf8)),
        ].sorted { $0.0.startIndex < $1.0.startIndex }
        for (range, value) in changes {
            result += Array(text[position..<range.startIndex]) + value
            position = range.endIndex
        }
        return result + Array(text[position...])
    }

    private static func number(after start: Int, in bytes: [UInt8]) -> Int? {
        var index = start
        while index < bytes.count, PDFFile.isSpace(bytes[index]) { index += 1 }
        let digits = bytes[index...].prefix { (0x30...0x39).contains($0) }
        return digits.count <= 10 ? Int(String(decoding: digits, as: UTF8.self)) : nil
    }
}

extension [UInt8] {
    func lastRange(of word: StaticString) -> Range<Int>? {
        var last: Range<Int>?
        var position = 0
        while let found = self[position...].range(of: word) {
            last = found
            position = found.upperBound
        }
        return last
    }
}
