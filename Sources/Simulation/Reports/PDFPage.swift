// One page of text as PDF, made by hand.

/// The smallest PDF 1.4 that viewers open without complaint: a page, Helvetica in WinAnsi (Latin-1 letters), lines.
enum PDFPage {
    static func document(lines: [String]) -> [UInt8] {
        var content = Array("BT /F1 11 Tf 56 780 Td 15 TL\n".utf8)
        for line in lines.flatMap(wrapped) { content += Array("(".utf8) + latin1(line) + Array(") Tj T*\n".utf8) }
        content += Array("ET\n".utf8)
        let objects: [[UInt8]] = [
            Array("<< /Type /Catalog /Pages 2 0 R >>".utf8),
            Array("<< /Type /Pages /Kids [3 0 R] /Count 1 >>".utf8),
            Array(
                """
                << /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
                /Resources << /Font << /F1 5 0 R >> >> >>
                """.utf8),
            Array("<< /Length \(content.count) >>\nstream\n".utf8) + content + Array("endstream".utf8),
            Array("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".utf8),
        ]
        var file = Array("%PDF-1.4\n".utf8)
        var table = "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
        for (index, object) in objects.enumerated() {
            let offset = String(file.count)
            table += String(repeating: "0", count: 10 - offset.count) + offset + " 00000 n \n"
            file += Array("\(index + 1) 0 obj\n".utf8) + object + Array("\nendobj\n".utf8)
        }
        let start = file.count
        file += Array(table.utf8)
        file += Array("trailer\n<< /Size \(objects.count + 1) /Root 1 0 R >>\nstartxref\n\(start)\n%%EOF\n".utf8)
        // OB has an even length (PS3.5 6.2); white space after %%EOF is allowed.
        return file.count.isMultiple(of: 2) ? file : file + [0x0A]
    }

    /// Parentheses and backslash are escaped; what Latin-1 lacks becomes a question mark.
    private static func latin1(_ text: String) -> [UInt8] {
        text.unicodeScalars.flatMap { scalar -> [UInt8] in
            switch scalar {
            case "(", ")", "\\": [0x5C, UInt8(scalar.value)]
            default: scalar.value < 256 ? [UInt8(scalar.value)] : [0x3F]
            }
        }
    }

    private static func wrapped(_ text: String) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + word.count < 90 {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
