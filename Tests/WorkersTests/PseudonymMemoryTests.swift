import DICOMVocabulary
import Testing
import WorkerProtocol

@testable import Workers

@Suite("A lane is told a study's pseudonyms once")
struct PseudonymMemoryTests {
    private func job(_ pseudonym: String?, asBefore: Bool = false) -> SendJob {
        var job = SendJob(
            spoolKey: "k", sopClass: "1.2", sopInstance: "1.2.3", transferSyntax: .explicitVRLittleEndian, digest: "d",
            pseudonym: pseudonym.map { patient in
                PseudonymJob(
                    options: [],
                    tokens: StudyTokens(patientID: patient, patientName: "", accessionNumber: "", studyID: ""),
                    uidKey: [],
                    identity: StudyIdentity(characterSet: "", attributes: []), pixelsReleased: false)
            })
        job.pseudonymIsAsBefore = asBefore
        return job
    }

    @Test("A job that leans on the last one gets its pseudonym, and the next study's replaces it")
    func remembers() throws {
        var memory = PseudonymMemory()
        var seen: [String?] = []
        for one in [job("a"), job(nil, asBefore: true), job("b"), job(nil, asBefore: true)] {
            seen.append(try memory.whole(one).pseudonym?.tokens.patientID)
        }
        #expect(seen == ["a", "a", "b", "b"])
    }

    @Test("A job that leans on nothing is never sent: it would go with the identity")
    func failsClosed() throws {
        var memory = PseudonymMemory()
        #expect(throws: Failure.self) { try memory.whole(job(nil, asBefore: true)) }
        _ = try memory.whole(job("a"))
        // An identified one in between is leant on by nobody.
        _ = try memory.whole(job(nil))
        #expect(throws: Failure.self) { try memory.whole(job(nil, asBefore: true)) }
    }
}
