import DICOMVocabulary
import Testing
import WorkerProtocol

@testable import Reports

@Suite struct ReportMatcherTests {
    private let tokens = StudyTokens(
        patientID: "APBBBBBBBBBBB", patientName: "APCCCCCCCCCCC", accessionNumber: "APDDDDDDDDDDD",
        studyID: "APFFFFFFFFFFF")

    private func sent(_ id: Int64, reader: String = "sydney", patient: String = "p1") -> SentStudy {
        SentStudy(
            transfer: id, study: id, reader: reader, original: UID("1.2.\(id)"), patientKey: patient, tokens: tokens)
    }

    private func report(
        study: UID = "2.25.1", patientID: String = "APBBBBBBBBBBB", accession: String = "",
        evidence: [UID] = ["2.25.1"],
        completion: String = "COMPLETE", verification: String = "VERIFIED"
    ) -> ReportContents {
        ReportContents(
            sopInstance: "2.25.99", study: study, patientID: patientID, patientName: "", accessionNumber: accession,
            evidenceStudies: evidence, requestStudies: [], requestAccessionNumbers: [], uids: [], tokens: [],
            completion: completion, verification: verification, preliminary: "", predecessors: [])
    }

    private func code(
        _ report: ReportContents, _ sent: [UID: SentStudy], reader: String = "sydney",
        unknown: UnknownReferences = .deliver
    ) -> Failure.Code? {
        do throws(Failure) {
            _ = try ReportMatcher(reader: reader, sent: sent, unknownReferences: unknown).match(report)
            return nil
        } catch {
            #expect(error.disposition == .person && error.scope == .instance && !error.hint.isEmpty)
            return error.code
        }
    }

    @Test("Study and patient agree: it is that study's")
    func agrees() throws {
        let match = try ReportMatcher(reader: "sydney", sent: ["2.25.1": sent(1)]).match(report())
        #expect(match.study == 1)
    }

    @Test("Study and accession number agree: it is that study's")
    func agreesByAccession() {
        #expect(code(report(patientID: "", accession: "APDDDDDDDDDDD"), ["2.25.1": sent(1)]) == nil)
    }

    @Test("A study that we never sent is not guessed")
    func unknown() {
        #expect(code(report(study: "2.25.5"), ["2.25.1": sent(1)]) == .reportUnmatched)
    }

    @Test("The study alone is one key, and two are needed")
    func oneKey() {
        #expect(code(report(patientID: ""), ["2.25.1": sent(1)]) == .reportUnmatched)
    }

    @Test("Another patient's token is a wrong-patient risk")
    func otherPatient() {
        #expect(code(report(patientID: "APGGGGGGGGGGK"), ["2.25.1": sent(1)]) == .reportContradicts)
    }

    @Test("Another order's accession number is one too, also when the patient agrees")
    func otherOrder() {
        #expect(code(report(accession: "APGGGGGGGGGGK"), ["2.25.1": sent(1)]) == .reportContradicts)
    }

    @Test(
        "A value that is no whole token is the reader's slip, not another patient", arguments: ["APBBBBBBBBBBC", "P1"])
    func damaged(value: String) {
        #expect(code(report(patientID: value), ["2.25.1": sent(1)]) == .tokenDamaged)
        #expect(code(report(accession: value), ["2.25.1": sent(1)]) == .tokenDamaged)
    }

    @Test("A prior of the same patient in the evidence is fine, one of another patient is not")
    func evidence() {
        let both: [UID] = ["2.25.1", "2.25.2"]
        #expect(code(report(evidence: both), ["2.25.1": sent(1), "2.25.2": sent(2)]) == nil)
        #expect(
            code(report(evidence: both), ["2.25.1": sent(1), "2.25.2": sent(2, patient: "p2")]) == .reportContradicts)
    }

    @Test("Evidence of another exam of the patient, and not of the report's own, is another exam's")
    func otherExam() {
        let known: [UID: SentStudy] = ["2.25.1": sent(1), "2.25.2": sent(2)]
        #expect(code(report(evidence: ["2.25.2"]), known) == .reportContradicts)
        #expect(code(report(evidence: ["2.25.2", "2.25.7"]), known) == .reportContradicts)
        #expect(code(report(evidence: ["2.25.2", "2.25.1"]), known) == nil)
        #expect(code(report(evidence: []), known) == nil)
    }

    @Test("Evidence that nobody knows is the site's to judge beside ours, and holds the report where none is ours")
    func unknownEvidence() {
        let both = report(evidence: ["2.25.1", "2.25.7"])
        #expect(code(both, ["2.25.1": sent(1)]) == nil)
        #expect(code(both, ["2.25.1": sent(1)], unknown: .hold) == .reportUnmatched)
        for unknown in UnknownReferences.allCases {
            #expect(code(report(evidence: ["2.25.7"]), ["2.25.1": sent(1)], unknown: unknown) == .reportUnmatched)
        }
        // Of another patient it is a contradiction, whatever else is unknown.
        let three = report(evidence: ["2.25.1", "2.25.2", "2.25.7"])
        #expect(code(three, ["2.25.1": sent(1), "2.25.2": sent(2, patient: "p2")]) == .reportContradicts)
    }

    @Test("A request for a study that nobody knows holds the report")
    func unknownRequest() {
        var answer = report()
        answer.requestStudies = ["2.25.1", "2.25.7"]
        #expect(code(answer, ["2.25.1": sent(1)]) == .reportUnmatched)
    }

    @Test("A report from a reader that did not have the study is held")
    func otherReader() {
        #expect(code(report(), ["2.25.1": sent(1, reader: "partner")]) == .reportContradicts)
    }

    @Test(
        "Partial and unverified reports follow the site's policy",
        arguments: [
            ("PARTIAL", "VERIFIED", true, false, false), ("PARTIAL", "VERIFIED", true, true, true),
            ("COMPLETE", "UNVERIFIED", false, false, false), ("COMPLETE", "UNVERIFIED", true, false, true),
            ("COMPLETE", "VERIFIED", false, false, true), ("", "", true, false, false),
        ])
    func policy(completion: String, verification: String, unverified: Bool, partial: Bool, passes: Bool) {
        var settings = ReportSettings(reader: "sydney", method: .push)
        settings.deliverUnverified = unverified
        settings.deliverPartial = partial
        let report = report(completion: completion, verification: verification)
        #expect(((try? ReportStatus(report).judge(settings)) != nil) == passes)
    }

    @Test("A report may answer two requests of one patient, and none of another's")
    func twoRequests() {
        var other = sent(2)
        other.tokens.accessionNumber = "APHHHHHHHHHHH"
        var answer = report()
        answer.requestStudies = ["2.25.1", "2.25.2"]
        answer.requestAccessionNumbers = ["APDDDDDDDDDDD", "APHHHHHHHHHHH"]
        #expect(code(answer, ["2.25.1": sent(1), "2.25.2": other]) == nil)
        answer.requestAccessionNumbers.append("APJJJJJJJJJJ5")
        #expect(code(answer, ["2.25.1": sent(1), "2.25.2": other]) == .reportContradicts)
        other.patientKey = "p2"
        answer.requestAccessionNumbers = ["APHHHHHHHHHHH"]
        #expect(code(answer, ["2.25.1": sent(1), "2.25.2": other]) == .reportContradicts)
    }

    @Test("A reader that knows the patient has to give the hospital's number as it was sent; another is another's")
    func identified() {
        var study = sent(1)
        study.isIdentified = true
        study.tokens.patientID = "19121212-1212"
        study.tokens.accessionNumber = "A-77"
        func judged(_ patient: String, _ order: String) -> Failure.Code? {
            code(report(patientID: patient, accession: order), ["2.25.1": study])
        }
        #expect(judged("19121212-1212", "") == nil)
        #expect(judged("19121212-1212", "A-77") == nil)
        #expect(judged("19121212+1212", "A-77") == .reportContradicts)
        #expect(judged("19121212-1212", "A-78") == .reportContradicts)
        #expect(judged("", "A-77") == .reportUnmatched)
        #expect(judged("", "") == .reportUnmatched)
        // Nobody's number, such as UNKNOWN, is no key.
        study.tokens.patientID = ""
        #expect(judged("UNKNOWN", "A-77") == .reportContradicts)
    }
}
