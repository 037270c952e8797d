// Documents inside of objects (PS3.3 C.24.2): nobody cleans what is drawn in them.

package import DICOM
package import DICOMVocabulary

/// The page that stands in the place of a PDF.
package enum EncapsulatedDocument {
    private static let pdfStorage = UID("1.2.840.10008.5.1.4.1.1.104.1")
    static let document = Tag(0x0042, 0x0011)
    private static let length = Tag(0x0042, 0x0015)

    /// Puts a page of ours in the place of an encapsulated PDF; leaves everything else alone. The header is cleaned as
    /// that of any other object.
    package static func replace(in dataSet: DataSet) throws(Failure) {
        let root = dataSet.root
        guard UID(root.text(.sopClassUID)) == pdfStorage else { return }
        let bytes = Array(page.utf8)
        try root.set(document, .OB, bytes)
        if root[length] != nil {
            try root.set(length, .UL, [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: bytes.count >> $0) })
        }
    }

    /// Whether the document is the page above, and so tells nothing.
    static func isReplaced(_ root: DataSetItem) -> Bool {
        guard let value = root[document]?.paddedValue else { return false }
        return Array(value.prefix(page.utf8.count)) == Array(page.utf8) && value.count <= page.utf8.count + 1
    }

    /// PDF 1.4 (ISO 32000-1), one page of one line, offsets counted.
    static let page: String = {
        let text = "BT /F1 14 Tf 56 780 Td (This document was taken out before the study was sent.) Tj ET"
        let objects = [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
                + " /Resources << /Font << /F1 5 0 R >> >> >>",
            "<< /Length \(text.utf8.count) >>\nstream\n\(text)\nendstream",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
        var file = "%PDF-1.4\n"
        var offsets: [Int] = []
        for (index, object) in objects.enumerated() {
            offsets.append(file.utf8.count)
            file += "\(index + 1) 0 obj\n\(object)\nendobj\n"
        }
        let start = file.utf8.count
        file += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
        for offset in offsets {
            let digits = String(offset)
            file += String(repeating: "0", count: 10 - digits.count) + digits + " 00000 n \n"
        }
        return file + "trailer\n<< /Size \(objects.count + 1) /Root 1 0 R >>\nstartxref\n\(start)\n%%EOF\n"
    }()
}
