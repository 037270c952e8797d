// Encapsulated PDF (PS3.3 A.45.1, C.24.2).

import DICOM
import DICOMVocabulary

extension ReportWriter {
    func encapsulate(_ root: ItemWriter) throws(Failure) {
        let text = text
        var lines = ["Patient: \(image.text(.patientID, .LO))", ""]
        lines += text.findings + ["", text.impression, "", options.reader.replacing("^", with: " ")]
        try root.text(.conversionType, .CS, "WSD")
        try root.text(Tag(0x0008, 0x002A), .DT, "")
        try root.text(.burnedInAnnotation, .CS, "YES")
        try root.text(Tag(0x0042, 0x0010), .ST, text.title.meaning)
        try root.code(Tag(0x0040, 0xA043), text.title)
        for image in images {
            try root.reference(Tag(0x0042, 0x0013), sopClass: image.sopClass, sopInstance: image.sopInstance)
        }
        try root.text(Tag(0x0042, 0x0012), .LO, "application/pdf")
        try root.bytes(.encapsulatedDocument, .OB, PDFPage.document(lines: lines))
    }
}
