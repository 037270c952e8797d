// The objects of a PDF file (ISO 32000-1, 7.3 and 7.5), as far as looking into it and putting a page before it need them.

internal import DICOM

/// Reads what stands in the file from its first byte to its last, not by its tables, so that nothing stays unseen because a
/// table does not name it. Bounded: the file, what its streams unpack to, and the count of objects. Not a viewer.
struct PDFFile {
    struct Object {
        /// The value's text: for a stream its dictionary.
        var text: ArraySlice<UInt8>
        /// Bytes of the stream as they stand.
        var stream: ArraySlice<UInt8>?
    }

    let bytes: [UInt8]
    /// The last definition of each number.
    private(set) var objects: [Int: Object] = [:]
    /// Every stream in the file, also of definitions that a later one replaced.
    private(set) var streams: [Object] = []
    /// Something that is compressed or scrambled in a way that this cannot undo.
    private(set) var isOpaque = false

    static let maximumObjects = 200_000
    private static let maximumUnpacked = 128 << 20
    private var unpacked = 0

    init?(_ bytes: [UInt8]) {
        guard bytes.prefix(1024).containsBytes("%PDF-") else { return nil }
        self.bytes = bytes
        findObjects()
        guard !objects.isEmpty else { return nil }
        if bytes.containsBytes("/Encrypt") { isOpaque = true }
        unpackObjectStreams()
    }

    // MARK: Objects

    private mutating func findObjects() {
        var position = 0
        while let found = bytes[position...].range(of: "obj") {
            position = found.upperBound
            guard let (number, end) = header(endingAt: found.lowerBound, from: position),
                objects.count < Self.maximumObjects
            else { continue }
            let object = object(from: end)
            objects[number] = object
            if object.stream != nil { streams.append(object) }
            // Inside of a stream nothing is an object, whatever it looks like.
            if let stream = object.stream { position = stream.endIndex }
        }
    }

    /// `12 0 ` before `obj`, which must not be the end of `endobj`.
    private func header(endingAt end: Int, from next: Int) -> (number: Int, end: Int)? {
        var index = end
        func skipSpace() { while index > 0, Self.isSpace(bytes[index - 1]) { index -= 1 } }
        func digits() -> Int? {
            let last = index
            while index > 0, last - index < 10, (0x30...0x39).contains(bytes[index - 1]) { index -= 1 }
            return index < last ? Int(String(decoding: bytes[index..<last], as: UTF8.self)) : nil
        }
        skipSpace()
        guard index < end || index == end, digits() != nil else { return nil }
        let between = index
        skipSpace()
        guard index < between, let number = digits() else { return nil }
        return (number, next)
    }

    private func object(from start: Int) -> Object {
        let end = bytes[start...].range(of: "endobj")?.lowerBound ?? bytes.endIndex
        // A dictionary ends before its stream begins; strings inside of it may hold the word, but not after `>>`.
        guard let word = bytes[start..<end].range(of: "stream"),
            let close = closing(before: word.lowerBound, from: start)
        else {
            return Object(text: bytes[start..<end])
        }
        var data = word.upperBound
        if data < bytes.endIndex, bytes[data] == 0x0D { data += 1 }
        if data < bytes.endIndex, bytes[data] == 0x0A { data += 1 }
        let text = bytes[start..<close]
        return Object(text: text, stream: bytes[data..<streamEnd(text, data)])
    }

    /// The end of the dictionary that stands right before `stream`.
    private func closing(before word: Int, from start: Int) -> Int? {
        var index = word
        while index > start, Self.isSpace(bytes[index - 1]) { index -= 1 }
        return index >= start + 2 && bytes[index - 1] == 0x3E && bytes[index - 2] == 0x3E ? index : nil
    }

    /// By its length where `endstream` follows there, else by that word.
    private func streamEnd(_ text: ArraySlice<UInt8>, _ data: Int) -> Int {
        if let length = PDFValue.integer("Length", in: text), length >= 0, data + length <= bytes.endIndex {
            var after = data + length
            while after < bytes.endIndex, Self.isSpace(bytes[after]) { after += 1 }
            if bytes[after...].starts(with: "endstream".utf8) { return data + length }
        }
        return bytes[data...].range(of: "endstream")?.lowerBound ?? bytes.endIndex
    }

    /// Objects that stand inside of streams (7.5.7).
    private mutating func unpackObjectStreams() {
        for stream in streams where PDFValue.name("Type", in: stream.text) == "ObjStm" {
            guard let content = content(of: stream), let count = PDFValue.integer("N", in: stream.text),
                let first = PDFValue.integer("First", in: stream.text), first >= 0, first <= content.count
            else {
                isOpaque = true
                continue
            }
            let numbers = content[..<first].split(whereSeparator: Self.isSpace)
                .compactMap { Int(String(decoding: $0, as: UTF8.self)) }
            guard count >= 0, numbers.count >= 2 * count else { continue }
            for index in 0..<count where objects.count < Self.maximumObjects {
                let start = first + numbers[2 * index + 1]
                let end = index + 1 < count ? first + numbers[2 * index + 3] : content.count
                guard start >= first, start <= end, end <= content.count else { continue }
                let number = numbers[2 * index]
                if objects[number] == nil { objects[number] = Object(text: content[start..<end]) }
            }
        }
    }

    // MARK: Streams

    /// What a stream holds; nil where this cannot tell.
    mutating func content(of object: Object) -> [UInt8]? {
        guard let stream = object.stream else { return nil }
        var data = stream
        for filter in PDFValue.names("Filter", in: object.text) {
            guard unpacked < Self.maximumUnpacked else { return nil }
            switch filter {
            case "FlateDecode", "Fl":
                guard let plain = FlateStream.inflated(data, limit: Self.maximumUnpacked - unpacked) else { return nil }
                unpacked += plain.count
                data = plain[...]
            case "ASCII85Decode", "A85":
                guard let plain = PDFFilters.ascii85(data) else { return nil }
                data = plain[...]
            case "ASCIIHexDecode", "AHx":
                data = PDFFilters.hexadecimal(data)[...]
            default: return nil
            }
        }
        // Prediction (7.4.4.4) is used for tables and pictures, and then the bytes are no text anyway.
        if let predictor = PDFValue.integer("Predictor", in: object.text), predictor > 1 {
            let columns = PDFValue.integer("Columns", in: object.text) ?? 1
            guard let plain = PDFFilters.unpredicted(data, columns: columns) else { return nil }
            data = plain[...]
        }
        return Array(data)
    }

    /// The value behind a reference `12 0 R`, or the text itself.
    func resolved(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let number = PDFValue.reference(text), let object = objects[number] else { return text }
        return object.text
    }

    static func isSpace(_ byte: UInt8) -> Bool { [0x00, 0x09, 0x0A, 0x0C, 0x0D, 0x20].contains(byte) }
}

extension Collection<UInt8> where Index == Int {
    func range(of word: StaticString) -> Range<Int>? {
        word.withUTF8Buffer { pattern in
            guard let first = pattern.first, count >= pattern.count else { return nil }
            var index = startIndex
            let last = endIndex - pattern.count
            while index <= last {
                if self[index] == first {
                    var offset = 1
                    while offset < pattern.count, self[index + offset] == pattern[offset] { offset += 1 }
                    if offset == pattern.count { return index..<index + pattern.count }
                }
                index += 1
            }
            return nil
        }
    }

    func containsBytes(_ word: StaticString) -> Bool { range(of: word) != nil }
}
