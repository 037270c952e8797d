// SR Document General module (PS3.3 C.17.2) and its references.

import DICOM
import DICOMVocabulary

extension ReportWriter {
    func document(_ root: ItemWriter) throws(Failure) {
        try root.emptySequence(Tag(0x0008, 0x1111))
        try root.text(Tag(0x0040, 0xA491), .CS, options.complete ? "COMPLETE" : "PARTIAL")
        try root.text(Tag(0x0040, 0xA493), .CS, options.verified ? "VERIFIED" : "UNVERIFIED")
        if let preliminary = options.preliminary {
            try root.text(Tag(0x0040, 0xA496), .CS, preliminary ? "PRELIMINARY" : "FINAL")
        }
        if options.verified {
            let observer = try root.addItem(Tag(0x0040, 0xA073))
            try observer.text(Tag(0x0040, 0xA075), .PN, options.reader)
            try observer.emptySequence(Tag(0x0040, 0xA088))
            try observer.text(Tag(0x0040, 0xA030), .DT, moment.dateTime)
            try observer.text(Tag(0x0040, 0xA027), .LO, options.organization)
        }
        try request(root)
        try root.emptySequence(Tag(0x0040, 0xA372))
        try evidence(root, Tag(0x0040, 0xA375), images)
        if let predecessor { try evidence(root, Tag(0x0040, 0xA360), [predecessor]) }
    }

    /// Referenced Request Sequence (0040,A370), where the images came with an accession number.
    private func request(_ root: ItemWriter) throws(Failure) {
        let accession = image.text(.accessionNumber, .SH)
        guard !accession.isEmpty else { return }
        let item = try root.addItem(Tag(0x0040, 0xA370))
        try item.uid(.studyInstanceUID, image.study)
        try item.emptySequence(Tag(0x0008, 0x1110))
        try item.text(.accessionNumber, .SH, accession)
        try item.text(Tag(0x0040, 0x2016), .LO, "")
        try item.text(Tag(0x0040, 0x2017), .LO, "")
        try item.text(Tag(0x0040, 0x1001), .SH, "")
        try item.text(Tag(0x0032, 0x1060), .LO, "")
        try item.emptySequence(Tag(0x0032, 0x1064))
    }

    /// Hierarchical SOP Instance Reference macro (PS3.3 C.17.2.1).
    private func evidence(_ root: ItemWriter, _ sequence: Tag, _ holdings: [Holding]) throws(Failure) {
        let study = try root.addItem(sequence)
        let bySeries = Dictionary(grouping: holdings, by: \.series)
        for (series, members) in bySeries.sorted(by: { $0.key.string < $1.key.string }) {
            let item = try study.addItem(.referencedSeriesSequence)
            for member in members {
                try item.reference(
                    .referencedSOPSequence, sopClass: member.sopClass, sopInstance: member.sopInstance)
            }
            try item.uid(.seriesInstanceUID, series)
        }
        try study.uid(.studyInstanceUID, image.study)
    }
}
