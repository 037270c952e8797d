import DICOMVocabulary
import Testing
import WorkerProtocol

@testable import Workers

@Suite struct HeaderReadingTests {
    private let reading = HeaderReading(sopClass: "1.2.840.10008.5.1.4.1.1.2", sopInstance: "1.2.3.4")

    private func header(_ change: (inout [DICOMVocabulary.Tag: String]) -> Void = { _ in }) -> ScannedHeader {
        var values: [DICOMVocabulary.Tag: String] = [
            .sopClassUID: "1.2.840.10008.5.1.4.1.1.2", .sopInstanceUID: "1.2.3.4", .studyInstanceUID: "1.2.3",
            .seriesInstanceUID: "1.2.3.1", .patientID: "191212121212", .modality: "CT",
        ]
        change(&values)
        var header = ScannedHeader(meta: nil, transferSyntax: .explicitVRLittleEndian, dataSetOffset: 0)
        header.values = values.mapValues { Array($0.utf8) }
        return header
    }

    private func status(_ header: ScannedHeader) -> UInt16? {
        do throws(HeaderReading.Refusal) {
            _ = try reading.check(header)
            return nil
        } catch {
            #expect(error.failure.status == error.status)
            #expect(error.failure.disposition == .refused && error.failure.scope == .instance)
            return error.status
        }
    }

    @Test("a request and a data set that agree give study and series")
    func agree() throws {
        let (study, series) = try reading.check(header())
        #expect(study == "1.2.3" && series == "1.2.3.1")
    }

    @Test("a class or instance other than the request's is A900")
    func mismatch() {
        #expect(status(header { $0[.sopClassUID] = "1.2.840.10008.5.1.4.1.1.4" }) == 0xA900)
        #expect(status(header { $0[.sopInstanceUID] = "1.2.3.5" }) == 0xA900)
        #expect(status(header { $0[.sopInstanceUID] = nil }) == 0xA900)
    }

    @Test("an object that names no study or series, or names them wrongly, is C000")
    func identifiers() {
        #expect(status(header { $0[.studyInstanceUID] = nil }) == 0xC000)
        #expect(status(header { $0[.seriesInstanceUID] = "" }) == 0xC000)
        #expect(status(header { $0[.studyInstanceUID] = "../../etc/passwd" }) == 0xC000)
        #expect(status(header { $0[.studyInstanceUID] = "1." + String(repeating: "2", count: 63) }) == 0xC000)
    }

    @Test("a missing Patient ID is no reason to refuse; the identity just lacks it")
    func patientID() {
        let without = header { $0[.patientID] = nil }
        #expect(status(without) == nil)
        let identity = StudyIdentity(header: without)
        #expect(identity[.patientID] == nil)
        #expect(identity[.studyInstanceUID] == Array("1.2.3".utf8))
    }

    @Test("a request whose UIDs are not UIDs is refused before its data set is read")
    func command() {
        for uid in ["", "..", "1.2/3", "1.02", String(repeating: "1", count: 65)] {
            #expect(throws: HeaderReading.Refusal.self) {
                try HeaderReading(sopClass: "1.2", sopInstance: UID(uid)).checkCommand()
            }
        }
    }

    @Test("values for rules and pages are printable, whatever came")
    func words() {
        let read = InstanceHeader(header { $0[.modality] = "C\u{1B}T" })
        #expect(read == InstanceHeader(modality: "C?T"))
    }
}
