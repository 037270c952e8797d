import DICOM
import DICOMVocabulary
import Foundation
import Testing
import WorkerProtocol

@testable import Workers

@Suite("Text in pixels")
struct TextRecognitionTests {
    /// As every worker does: a program that ends early is no reason to end with it.
    init() { signal(SIGPIPE, SIG_IGN) }

    private static let program = "/usr/bin/tesseract"

    @Test("words are the lines of level 5, spaces and other levels are not")
    func words() {
        let table = """
            level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext
            1\t1\t0\t0\t0\t0\t0\t0\t10\t10\t-1\t
            5\t1\t1\t1\t1\t1\t0\t0\t10\t10\t96.5\tTOLVAN
            5\t1\t1\t1\t1\t2\t0\t0\t10\t10\t12\t\u{20}
            """
        let words = TextRecogniser.words(Array(table.utf8))
        #expect(words == [TextRecogniser.Word(text: "TOLVAN", confidence: 96.5)])
    }

    @Test("frames are chosen from the first to the last")
    func frames() {
        #expect(TextInPixels.chosen(3, of: 101) == [0, 50, 100])
        #expect(TextInPixels.chosen(3, of: 2) == [0, 1])
        #expect(TextInPixels.chosen(1, of: 9) == [0])
    }

    @Test(
        "a program that is not there, or that ends badly, holds the instance", arguments: ["/no/such/program", "false"])
    func missing(program: String) {
        let failure = #expect(throws: Failure.self) {
            try TextRecogniser(deadline: 10, program: program).run([0])
        }
        #expect(failure?.code == .pixelsMayIdentify)
        #expect(failure?.disposition == .person)
    }

    @Test("a program that never ends is ended")
    func hanging() throws {
        let path = NSTemporaryDirectory() + "antipode-hangs-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("#!/bin/sh\nexec sleep 1000\n".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        let failure = #expect(throws: Failure.self) { try TextRecogniser(deadline: 0.3, program: path).run([0]) }
        #expect(failure?.detail.contains("too long") == true)
    }

    @Test(
        "writing is read, and nothing is read from an empty picture",
        .enabled(if: FileManager.default.fileExists(atPath: program), "needs the Debian package tesseract-ocr"))
    func reading() throws {
        let recogniser = TextRecogniser(deadline: 30)
        let blank = Array("P5\n400 100\n255\n".utf8) + [UInt8](repeating: 255, count: 40_000)
        #expect(try recogniser.run(blank).isEmpty)
        let words = try recogniser.run(Lettering.picture("HILL 4711"))
        #expect(words.map(\.text).joined(separator: " ").contains("HILL"))
    }
}

/// Letters of seven-segment-like strokes, large enough for anybody to read.
private enum Lettering {
    /// 5 by 7, a bit for each dot, rows from above.
    private static let glyphs: [Character: [UInt8]] = [
        "H": [17, 17, 17, 31, 17, 17, 17], "I": [14, 4, 4, 4, 4, 4, 14], "L": [16, 16, 16, 16, 16, 16, 31],
        "4": [2, 6, 10, 18, 31, 2, 2], "7": [31, 1, 2, 4, 4, 4, 4], "1": [4, 12, 4, 4, 4, 4, 14], " ": [],
    ]

    static func picture(_ text: String) -> [UInt8] {
        let (scale, margin) = (8, 40)
        let width = text.count * 6 * scale + 2 * margin
        let height = 7 * scale + 2 * margin
        var grey = [UInt8](repeating: 255, count: width * height)
        for (index, character) in text.enumerated() {
            for (row, bits) in (glyphs[character] ?? []).enumerated() {
                for column in 0..<5 where bits & (16 >> UInt8(column)) != 0 {
                    for y in 0..<scale {
                        for x in 0..<scale {
                            let left = margin + (index * 6 + column) * scale + x
                            grey[(margin + row * scale + y) * width + left] = 0
                        }
                    }
                }
            }
        }
        return Array("P5\n\(width) \(height)\n255\n".utf8) + grey
    }
}
