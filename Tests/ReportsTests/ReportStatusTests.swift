import DICOMVocabulary
import Testing
import WorkerProtocol

@testable import Reports

@Suite("What a report says of its own worth")
struct ReportStatusTests {
    private func report(
        _ completion: String = "COMPLETE", _ verification: String = "VERIFIED", _ preliminary: String = "",
        predecessors: [UID] = [], isAddendum: Bool = false
    ) -> ReportContents {
        var contents = ReportContents(
            sopInstance: "2.25.9", study: "2.25.1", patientID: "", patientName: "", accessionNumber: "",
            evidenceStudies: [], requestStudies: [], requestAccessionNumbers: [], uids: [], tokens: [],
            completion: completion, verification: verification, preliminary: preliminary, predecessors: predecessors)
        contents.isAddendum = isAddendum
        return contents
    }

    @Test(
        "the three flags are independent of one another (PS3.3 C.17.2)",
        arguments: [
            ("COMPLETE", "VERIFIED", "", ReportStatus.Standing.final),
            ("COMPLETE", "VERIFIED", "FINAL", .final), ("", "", "", .partial), ("", "VERIFIED", "FINAL", .partial),
            ("COMPLETE", "", "", .unverified), ("DRAFT", "VERIFIED", "", .unknown),
            ("complete", "VERIFIED", "", .unknown),
            ("COMPLETE", "NO", "", .unknown), ("COMPLETE", "VERIFIED", "PRELIM", .unknown),
            ("COMPLETE", "VERIFIED", "PRELIMINARY", .preliminary),
            ("COMPLETE", "UNVERIFIED", "PRELIMINARY", .preliminary),
            ("COMPLETE", "UNVERIFIED", "FINAL", .unverified), ("PARTIAL", "VERIFIED", "FINAL", .partial),
        ])
    func standing(completion: String, verification: String, preliminary: String, expected: ReportStatus.Standing) {
        #expect(ReportStatus(report(completion, verification, preliminary)).standing == expected)
    }

    @Test("a document has no flags but that of its verification, and is final without")
    func document() {
        var contents = report("", "")
        contents.isDocument = true
        #expect(ReportStatus(contents).standing == .final)
        contents.verification = "UNVERIFIED"
        #expect(ReportStatus(contents).standing == .unverified)
    }

    @Test("a word that the standard has not is held whatever the site lets through", arguments: ["DRAFT", "complete"])
    func unknownWord(word: String) {
        var settings = ReportSettings(reader: "sydney", method: .push)
        settings.deliverPartial = true
        for contents in [report(word), report("COMPLETE", word), report("COMPLETE", "VERIFIED", word)] {
            let failure = #expect(throws: Failure.self) { try ReportStatus(contents).judge(settings) }
            #expect(failure?.code == .reportIncomplete)
        }
    }

    @Test("one that names a predecessor replaces it, unless it says that it is an addendum")
    func relation() {
        #expect(ReportStatus(report()).relation == .original)
        #expect(ReportStatus(report(isAddendum: true)).relation == .original)
        #expect(ReportStatus(report(predecessors: ["2.25.3"])).relation == .replacement)
        #expect(ReportStatus(report(predecessors: ["2.25.3"], isAddendum: true)).relation == .addendum)
    }

    @Test("each flag has its own switch: what is let through by one is still held by another")
    func switches() {
        var settings = ReportSettings(reader: "sydney", method: .push)
        func passes(_ contents: ReportContents) -> Bool { (try? ReportStatus(contents).judge(settings)) != nil }
        #expect(!passes(report("PARTIAL")) && passes(report("COMPLETE", "UNVERIFIED")))
        #expect(passes(report("COMPLETE", "VERIFIED", "PRELIMINARY")) && passes(report(predecessors: ["2.25.3"])))
        settings.deliverPartial = true
        settings.deliverUnverified = false
        #expect(passes(report("PARTIAL")) && !passes(report("PARTIAL", "UNVERIFIED")))
        settings.deliverPreliminary = false
        #expect(!passes(report("COMPLETE", "VERIFIED", "PRELIMINARY")) && passes(report()))
        settings.deliverAmended = false
        #expect(!passes(report(predecessors: ["2.25.3"])) && passes(report()))
    }
}
