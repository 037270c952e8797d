import DICOM
import DICOMVocabulary
import Foundation
import Testing
import WorkerProtocol

@testable import Deidentification

/// Small PDF files, made here in the ways in which writers make them.
enum PDFSample {
    /// Objects from 1 on: a catalog, the tree, a page, its content, a font, and what is given.
    static func objects(content: [UInt8], filter: String = "", font: String = "", more: [[UInt8]] = []) -> [[UInt8]] {
        [
            Array("<< /Type /Catalog /Pages 2 0 R >>".utf8),
            Array("<< /Type /Pages /Kids [3 0 R] /Count 1 /Rotate 90 >>".utf8),
            Array(
                """
                << /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
                /Resources << /Font << /F1 5 0 R >> >> >>
                """.utf8),
            Array("<< /Length \(content.count) \(filter) >>\nstream\n".utf8) + content + Array("\nendstream".utf8),
            Array("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica \(font) >>".utf8),
        ] + more
    }

    static func file(_ objects: [[UInt8]]) -> [UInt8] {
        var file = Array("%PDF-1.4\n%\u{E5}\u{E4}\n".utf8)
        var table = "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
        for (index, object) in objects.enumerated() {
            table += String(format: "%010d 00000 n \n", file.count)
            file += Array("\(index + 1) 0 obj\n".utf8) + object + Array("\nendobj\n".utf8)
        }
        let start = file.count
        file += Array(table.utf8)
        file += Array("trailer\n<< /Size \(objects.count + 1) /Root 1 0 R >>\nstartxref\n\(start)\n%%EOF\n".utf8)
        return file
    }

    static func text(_ content: String) -> [UInt8] { file(objects(content: Array(content.utf8))) }

    /// A zlib stream of stored blocks (RFC 1951, 3.2.4), which every inflater reads.
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        let length = UInt16(bytes.count)
        func two(_ number: UInt16) -> [UInt8] { [UInt8(number & 0xFF), UInt8(number >> 8)] }
        return [0x78, 0x01, 0x01] + two(length) + two(~length) + bytes
    }
}

@Suite("Documents inside reports")
struct ReturnedDocumentTests {
    private let tokens = StudyTokens.sample(1)
    private let stranger = StudyTokens.sample(9)
    private let identity: StudyIdentity

    init() throws { identity = StudyIdentity(of: try Planted.slice()) }

    private func document(_ bytes: [UInt8], _ policy: RestorePolicy = RestorePolicy()) -> ReturnedDocument {
        let own = Set([tokens.patientID, tokens.patientName, tokens.accessionNumber])
        return ReturnedDocument(bytes: bytes, isOwn: own.contains, policy: policy)
    }

    private func refusal(_ bytes: [UInt8], _ change: (inout RestorePolicy) -> Void = { _ in }) -> Failure.Code? {
        var policy = RestorePolicy()
        change(&policy)
        do throws(Failure) {
            try document(bytes, policy).check()
            return nil
        } catch {
            #expect(error.disposition == .person && !error.hint.isEmpty)
            return error.code
        }
    }

    private func page(_ token: String, _ kind: String) -> [UInt8] {
        let plain = "BT /F1 11 Tf (Patient \(token)) Tj ET"
        switch kind {
        case "plain": return PDFSample.text(plain)
        case "kerned":
            let letters = token.map { "(\($0)) -20 " }.joined()
            return PDFSample.text("BT /F1 11 Tf [(Patient) -300 \(letters)] TJ ET")
        case "letter by letter":
            let letters = token.map { "(\($0)) Tj 7 0 Td " }.joined()
            return PDFSample.text("BT /F1 11 Tf \(letters) ET")
        case "hexadecimal":
            let digits = Array(token.utf8).map { String($0, radix: 16) }.joined()
            return PDFSample.text("BT /F1 11 Tf <\(digits)> Tj ET")
        case "escaped":
            return PDFSample.text("BT /F1 11 Tf (\\101\(token.dropFirst())) Tj ET")
        case "flate":
            let packed = PDFSample.stored(Array(plain.utf8))
            return PDFSample.file(PDFSample.objects(content: packed, filter: "/Filter /FlateDecode"))
        case "ascii85 of flate":
            let packed = ascii85(PDFSample.stored(Array(plain.utf8)))
            return PDFSample.file(
                PDFSample.objects(content: packed, filter: "/Filter [/ASCII85Decode /FlateDecode]"))
        default:  // glyphs of a subset font: codes that mean nothing without its map
            let codes = Dictionary(uniqueKeysWithValues: Set(token).sorted().enumerated().map { ($1, $0 + 1) })
            let glyphs = token.map { String(format: "%04x", codes[$0] ?? 0) }.joined()
            let pairs = codes.map { String(format: "<%04x> <%04x>", $1, $0.asciiValue ?? 0) }.joined(separator: "\n")
            let map = """
                begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange
                \(codes.count) beginbfchar
                \(pairs)
                endbfchar endcmap
                """
            let stream = Array("<< /Length \(map.utf8.count) >>\nstream\n\(map)\nendstream".utf8)
            return PDFSample.file(
                PDFSample.objects(
                    content: Array("BT /F1 11 Tf <\(glyphs)> Tj ET".utf8), font: "/ToUnicode 6 0 R", more: [stream]))
        }
    }

    private func ascii85(_ bytes: [UInt8]) -> [UInt8] {
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 4) {
            let group = Array(bytes[start..<min(start + 4, bytes.count)])
            var value = (group + [UInt8](repeating: 0, count: 4 - group.count)).reduce(UInt32(0)) {
                $0 << 8 | UInt32($1)
            }
            var digits: [Character] = []
            for _ in 0..<5 {
                digits.insert(Character(Unicode.Scalar(UInt8(value % 85) + 33)), at: 0)
                value /= 85
            }
            text += String(digits.prefix(group.count + 1))
        }
        return Array((text + "~>").utf8)
    }

    static let kinds = [
        "plain", "kerned", "letter by letter", "hexadecimal", "escaped", "flate", "ascii85 of flate", "glyphs",
    ]

    @Test("another patient's token is found however it is written, and never delivered", arguments: kinds)
    func strangers(kind: String) {
        let bytes = page(stranger.patientID, kind)
        #expect(refusal(bytes) == .reportContradicts)
        #expect(refusal(bytes) { $0.documents = .deliver } == .reportContradicts)
        // A release does not answer that.
        #expect(refusal(bytes) { $0.documentReleased = true } == .reportContradicts)
    }

    @Test("another patient's token is found outside of the pages too", arguments: ["a title", "a form", "octal"])
    func elsewhere(kind: String) {
        func bytes(_ token: String) -> [UInt8] {
            let wide = token.utf16.map { String(format: "%04X", $0) }.joined()
            let digits = token.utf8.map { String(format: "%02x", $0) }.joined()
            let octal = token.dropFirst(3).utf8.map { String(format: "\\%03o", $0) }.joined()
            let entry =
                switch kind {
                case "a title": "/Title <FEFF\(wide)>"
                case "a form": "/FT /Tx /V <\(digits)>"
                default: "/FT /Tx /V (\(token.prefix(3))\(octal))"
                }
            let page = Array("BT /F1 11 Tf (Nothing) Tj ET".utf8)
            return PDFSample.file(PDFSample.objects(content: page, more: [Array("<< \(entry) >>".utf8)]))
        }
        #expect(refusal(bytes(stranger.patientID)) == .reportContradicts)
        #expect(refusal(bytes(tokens.patientID)) == nil)
    }

    @Test("the study's own tokens are found and let through", arguments: kinds)
    func own(kind: String) {
        let bytes = page(tokens.patientID, kind)
        #expect(refusal(bytes) == nil)
        #expect(document(bytes).shownTokens == [tokens.patientID])
    }

    private func text(_ bytes: [UInt8]) throws -> String {
        let dataSet = DataSet()
        try dataSet.root.set(.encapsulatedDocument, .OB, bytes)
        return ReportReader.text(of: dataSet)
    }

    @Test("its pages are read to whoever looks at the report, however they are written", arguments: kinds)
    func shown(kind: String) throws {
        let isLabelled = ["plain", "kerned", "flate", "ascii85 of flate"].contains(kind)
        let line = (isLabelled ? "Patient " : "") + tokens.patientID
        #expect(try text(page(tokens.patientID, kind)).hasSuffix("\n\n\(line)\n"))
    }

    @Test("behind its cover both can be read: the patient's name, and pages in a numbering of their own")
    func shownBehindCover() throws {
        let cover = CoverPage(identity: identity, reportDate: "20260301", tokens: tokens)
        let covered = try #require(document(page(tokens.patientID, "glyphs")).covered(by: cover))
        let text = try text(covered)
        #expect(text.contains("Patient: Tolvan Åström Tolvansson\n"))
        #expect(text.contains("\n\(tokens.patientID)\n") && !text.contains("could not be read"))
    }

    @Test("letters of WinAnsi are shown as such, and nothing that a terminal would obey")
    func shownSafely() throws {
        let codes: [UInt8] = [0x93] + Array("f".utf8) + [0xF6, 0x94, 0x20, 0x80, 0x7F, 0x81, 0x9B]
        let content = Array("BT (".utf8) + codes + Array(") Tj ET".utf8)
        let text = try text(PDFSample.file(PDFSample.objects(content: content)))
        #expect(text.hasSuffix("\n“fö” €›\n"))
        let map = """
            begincmap 1 begincodespacerange <00> <ff> endcodespacerange
            1 beginbfchar <01> <001b> endbfchar endcmap
            """
        let stream = Array("<< /Length \(map.utf8.count) >>\nstream\n\(map)\nendstream".utf8)
        let escape = PDFSample.objects(content: Array("BT <01> Tj ET".utf8), font: "/ToUnicode 6 0 R", more: [stream])
        #expect(try !self.text(PDFSample.file(escape)).unicodeScalars.contains("\u{1B}"))
    }

    @Test("of one that has no text it says so, and of letters without names that they are left out")
    func notShown() throws {
        let picture = PDFSample.file(PDFSample.objects(content: Array("q 595 0 0 842 0 0 cm /Im1 Do Q".utf8)))
        #expect(try text(picture).contains("No text can be read in it: it is made of pictures"))
        #expect(try text(Array("no document".utf8)).contains("No text can be read in it: it is damaged"))
        let scrambled = page("none", "plain") + Array("trailer << /Encrypt 9 0 R >>".utf8)
        #expect(try text(scrambled).contains("No text can be read in it: it is scrambled"))
        let numbered = PDFSample.text("BT /F1 11 Tf (Good) Tj T* <0102030405> Tj ET")
        #expect(try text(numbered).hasSuffix("\n\nGood\n\n[Some of it could not be read.]\n"))
    }

    @Test("its bytes come out without the value's padding, whether the length is stated", arguments: [false, true])
    func bytes(isStated: Bool) throws {
        let dataSet = DataSet()
        #expect(ReportReader.document(of: dataSet) == nil)
        var bytes = page(tokens.patientID, "plain")
        if bytes.count.isMultiple(of: 2) { bytes.append(0x0A) }
        try dataSet.root.set(.encapsulatedDocument, .OB, bytes + [0])
        try dataSet.root.set(Tag(0x0042, 0x0012), .LO, text: "application/pdf")
        let length = UInt32(bytes.count)
        if isStated {
            try dataSet.root.set(
                Tag(0x0042, 0x0015), .UL, (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) })
        }
        let document = try #require(ReportReader.document(of: dataSet))
        #expect(document.bytes == bytes && document.mimeType == "application/pdf")
    }

    @Test("a token with one wrong character holds the document")
    func damaged() {
        let wrong = String(tokens.patientID.dropLast()) + (tokens.patientID.last == "K" ? "H" : "K")
        #expect(refusal(page(wrong, "plain")) == .tokenDamaged)
        #expect(refusal(page(wrong, "glyphs")) == .tokenDamaged)
        #expect(refusal(page(wrong, "plain")) { $0.documentReleased = true } == nil)
    }

    @Test("what cannot be searched is held, and a site or a person may let it go")
    func opaque() {
        let scrambled = Array("trailer << /Encrypt 9 0 R >>".utf8)
        let picture = PDFSample.file(PDFSample.objects(content: Array("q 595 0 0 842 0 0 cm /Im1 Do Q".utf8)))
        let unknown = PDFSample.file(PDFSample.objects(content: [1, 2, 3], filter: "/Filter /LZWDecode"))
        for bytes in [Array("no document".utf8), page("none", "plain") + scrambled, picture, unknown] {
            #expect(refusal(bytes) == .documentUnreadable)
            #expect(refusal(bytes) { $0.documents = .deliver } == nil)
            #expect(refusal(bytes) { $0.documentReleased = true } == nil)
        }
        #expect(refusal(page("none", "plain")) { $0.documents = .hold } == .documentUnreadable)
    }

    @Test("a stream that unpacks without end is given up, not followed")
    func bomb() {
        let zeros = [UInt8](repeating: 0, count: 60_000)
        let packed = PDFSample.stored(zeros)
        let objects = PDFSample.objects(content: packed, filter: "/Filter /FlateDecode")
        let many = objects + (0..<1200).map { _ in objects[3] }
        #expect(refusal(PDFSample.file(many)) == .documentUnreadable)
    }

    @Test("the cover stands before the first page, and the reader's bytes stay as they were", arguments: [false, true])
    func cover(withTableStream: Bool) throws {
        var bytes = page(tokens.patientID, "plain")
        if withTableStream {
            let entries = [UInt8](repeating: 0, count: 7)
            let start = bytes.count
            bytes +=
                Array("6 0 obj\n<< /Type /XRef /W [1 4 2] /Size 7 /Root 1 0 R /Length 7 >>\nstream\n".utf8) + entries
                + Array("\nendstream\nendobj\nstartxref\n\(start)\n%%EOF\n".utf8)
        }
        let cover = CoverPage(identity: identity, reportDate: "20260301", tokens: tokens)
        let covered = try #require(document(bytes).covered(by: cover))
        #expect(covered.starts(with: bytes))
        let file = try #require(PDFFile(covered))
        let tree = try #require(file.objects[2])
        let kids = PDFValue.text("Kids", in: tree.text).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let first = try #require(Int(kids.split(whereSeparator: { "[ ".contains($0) }).first ?? ""))
        #expect(kids.contains("3 0 R") && PDFValue.integer("Count", in: tree.text) == 2)
        #expect(PDFValue.integer("Rotate", in: tree.text) == 90)
        let page = try #require(file.objects[first])
        #expect(PDFValue.reference("Parent", in: page.text) == 2)
        var reading = file
        let content = try #require(PDFValue.reference("Contents", in: page.text).flatMap { file.objects[$0] })
        let text = String(
            String.UnicodeScalarView((reading.content(of: content) ?? []).map { Unicode.Scalar($0) }))
        #expect(text.contains("Tolvan Åström Tolvansson") && text.contains("19121212-1212"))
        #expect(text.contains("REM4711-22") && text.contains(tokens.patientID) && text.contains("2026-03-01"))
        #expect(String(decoding: covered.suffix(2000), as: UTF8.self).contains("/Prev"))
        // A second look finds nothing wrong with it.
        #expect(refusal(covered) == nil)
    }

    @Test("a document whose tree cannot be read gets no cover, and no guess")
    func noTree() throws {
        let cover = CoverPage(identity: identity, reportDate: "", tokens: tokens)
        var bytes = page(tokens.patientID, "plain")
        bytes.removeLast(30)
        #expect(document(bytes).covered(by: cover) == nil)
        let other = PDFSample.file([Array("<< /Type /Catalog >>".utf8), Array("(x)".utf8)])
        #expect(document(other).covered(by: cover) == nil)
    }

    @Test("cut anywhere, a document is read without harm")
    func cut() {
        let bytes = page(tokens.patientID, "glyphs")
        for length in stride(from: 0, to: bytes.count, by: 7) {
            _ = refusal(Array(bytes.prefix(length)))
            _ = document(Array(bytes.prefix(length))).covered(
                by: CoverPage(identity: identity, reportDate: "", tokens: tokens))
        }
    }
}
