import DICOMVocabulary
import Testing
import WorkerProtocol

@testable import Reports

@Suite("The keys by which a person may bind a report")
struct ReportKeysTests {
    private let tokens = StudyTokens(
        patientID: "APBBBBBBBBBBB", patientName: "APCCCCCCCCCCC", accessionNumber: "APDDDDDDDDDDD",
        studyID: "APFFFFFFFFFFF")

    private func study(_ id: Int64, patient: String = "p1") -> SentStudy {
        SentStudy(
            transfer: id, study: id, reader: "sydney", original: UID("1.2.\(id)"), patientKey: patient, tokens: tokens)
    }

    private func keys(
        study named: UID = "9.9.9", patientID: String = "", accession: String = "", requests: [String] = [],
        sent: [UID: SentStudy] = [:]
    ) -> ReportKeys {
        let report = ReportContents(
            sopInstance: "2.25.99", study: named, patientID: patientID, patientName: "", accessionNumber: accession,
            evidenceStudies: [], requestStudies: [], requestAccessionNumbers: requests, uids: [], tokens: [],
            completion: "", verification: "", preliminary: "", predecessors: [])
        return ReportKeys(report, with: study(1), pseudonym: "2.25.1", sent: sent)
    }

    @Test("A study that the reader made up says nothing; patient and order together are enough")
    func madeUp() {
        let two = keys(patientID: "APBBBBBBBBBBB", accession: "APDDDDDDDDDDD")
        #expect(two.areEnough && two.agreeing.count == 2 && two.contradicting.isEmpty)
        #expect(keys(patientID: "APBBBBBBBBBBB", requests: ["APDDDDDDDDDDD"]).areEnough)
        #expect(keys(study: "2.25.1", patientID: "APBBBBBBBBBBB").areEnough)
    }

    @Test("One key alone, or none, is not enough")
    func tooFew() {
        #expect(!keys().areEnough && keys().agreeing.isEmpty)
        #expect(!keys(study: "2.25.1").areEnough)
        #expect(!keys(patientID: "APBBBBBBBBBBB").areEnough)
    }

    @Test("Another patient's key outweighs any that agree")
    func contradiction() {
        let other = keys(
            study: "2.25.2", patientID: "APBBBBBBBBBBB", accession: "APDDDDDDDDDDD",
            sent: ["2.25.2": study(2, patient: "p2")]
        )
        #expect(!other.areEnough && other.contradicting == ["Study Instance UID (0020,000D)"])
        let token = keys(study: "2.25.1", patientID: "APXXXXXXXXXXX", accession: "APDDDDDDDDDDD")
        #expect(!token.areEnough && token.contradicting == ["Patient ID (0010,0020)"])
    }
}
