import DICOMNetwork
import DICOMVocabulary
import Testing

@Suite("A command set")
struct CommandSetTests {
    @Test("is read as it was written")
    func roundTrip() throws {
        var command = CommandSet(.store)
        command[uid: .affectedSOPClassUID] = "1.2.840.10008.5.1.4.1.1.4"
        command[number: .messageID] = 7
        command[number: .dataSetType] = 1
        command[text: .moveOriginatorAE] = "ODD"
        let bytes = command.encoded
        #expect(bytes.count % 2 == 0)
        #expect(Array(bytes[..<8]) == [0, 0, 0, 0, 4, 0, 0, 0])
        #expect(Int(bytes[8]) == bytes.count - 12)
        let again = try CommandSet(bytes: bytes)
        #expect(again.field == .store)
        #expect(again[uid: .affectedSOPClassUID] == "1.2.840.10008.5.1.4.1.1.4")
        #expect(again[number: .messageID] == 7)
        #expect(again[text: .moveOriginatorAE] == "ODD")
        #expect(again.hasDataSet)
        #expect(!again.isResponse)
    }

    @Test(
        "that is malformed is refused",
        arguments: [
            [], [1], [0, 0, 0, 1, 2, 0, 0], [0, 0, 0, 1, 2, 0, 0, 0, 1], [0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0],
            [8, 0, 0, 1, 2, 0, 0, 0, 1, 0], [0, 0, 0, 1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, 0],
            [0, 0, 0x10, 1, 2, 0, 0, 0, 1, 0], Array("GET / HTTP/1.1".utf8),
        ] as [[UInt8]])
    func malformed(bytes: [UInt8]) {
        do {
            _ = try CommandSet(bytes: bytes)
            Issue.record("it was read")
        } catch {
            #expect(error.code == .protocolError)
        }
    }
}
