// A document's text for a person at a terminal.

extension PDFText {
    /// Each line in the encoding that has a meaning for all of its codes, the file's own maps before plain letters, and how
    /// many lines no encoding could make sense of. Control characters, which a terminal would obey, are left out.
    func shown() -> (text: String, unreadable: Int) {
        var unreadable = 0
        let texts = pages.map { lines in
            lines.compactMap { pieces in
                if let line = shown(pieces) { return line }
                unreadable += 1
                return nil
            }.joined(separator: "\n")
        }
        return (texts.filter { !$0.isEmpty }.joined(separator: "\n\n"), unreadable)
    }

    private func shown(_ pieces: [[UInt8]]) -> String? {
        for map in maps {
            // A wide gap inside of a line is a space in every encoding.
            let decoded = pieces.map { $0 == [0x20] ? (text: " ", isWhole: true) : map.decode($0) }
            if decoded.allSatisfy(\.isWhole) { return Self.printable(decoded.map(\.text).joined()) }
        }
        let codes = Array(pieces.joined())
        // A font that numbers its own letters begins below the letters.
        return codes.contains { $0 < 0x20 } ? nil : Self.printable(Self.winAnsi(codes))
    }

    private static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.properties.generalCategory != .control }))
    }

    /// ISO 32000-1, Annex D.2: Latin-1, but for these.
    private static let differences = Array("€\u{0}‚ƒ„…†‡ˆ‰Š‹Œ\u{0}Ž\u{0}\u{0}‘’“”•–—˜™š›œ\u{0}žŸ".unicodeScalars)

    private static func winAnsi(_ codes: [UInt8]) -> String {
        String(
            String.UnicodeScalarView(
                codes.map { (0x80...0x9F).contains($0) ? differences[Int($0) - 0x80] : Unicode.Scalar($0) }))
    }
}
