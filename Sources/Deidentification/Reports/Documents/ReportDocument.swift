// The document inside an object, for people (PS3.3 C.24.2).

package import DICOM
internal import DICOMVocabulary

extension ReportReader {
    /// nil for an object that holds no document.
    package static func document(of dataSet: DataSet) -> ReportDocument? { ReportDocument(dataSet.root) }
}

/// Bytes and kind of an encapsulated document. It shows what its writer wrote; nothing of it is put back or taken out here.
package struct ReportDocument {
    private enum Content {
        static let mimeType = Tag(0x0042, 0x0012)
        /// Without the byte that makes the value even.
        static let length = Tag(0x0042, 0x0015)
    }

    /// As the object says it, mostly "application/pdf".
    package let mimeType: String
    /// Without padding.
    package let bytes: [UInt8]

    init?(_ root: DataSetItem) {
        guard let element = root[.encapsulatedDocument] else { return nil }
        mimeType = root.text(Content.mimeType)
        let value = element.value
        let stated = root[Content.length]?.value.reversed().reduce(0) { $0 << 8 | Int($1) }
        let isPadded = value.last == 0 && stated != value.count
        bytes = isPadded ? Array(value.dropLast()) : value
    }

    /// What can be read of its pages, or words that say why nothing can.
    var text: String {
        guard var file = PDFFile(bytes) else { return "No text can be read in it: it is damaged, or no PDF." }
        guard !file.isOpaque else { return "No text can be read in it: it is scrambled or damaged." }
        let read = PDFText(&file)
        let (text, unreadable) = read.shown()
        guard !text.isEmpty else {
            return "No text can be read in it: it is made of pictures, or of letters without names."
        }
        return unreadable + read.unread == 0 ? text : text + "\n\n[Some of it could not be read.]"
    }
}
