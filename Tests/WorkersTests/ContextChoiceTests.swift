import DICOMVocabulary
import Testing
import WorkerProtocol

@testable import Workers

@Suite struct ContextChoiceTests {
    private let ct: UID = "1.2.840.10008.5.1.4.1.1.2"

    private func choose(
        _ abstractSyntax: UID, _ syntaxes: [TransferSyntax], unknown: Bool = false, deflated: Bool = false
    ) -> TransferSyntax? {
        let grant = AssociationGrant(unknownSOPClasses: unknown, deflated: deflated, maximumObject: 1 << 30)
        let context = AssociationRequest.Context(id: 3, abstractSyntax: abstractSyntax, transferSyntaxes: syntaxes)
        return ContextChoice.accept([context], grant: grant)[3]
    }

    @Test("the first syntax of the peer's list that can be kept is accepted")
    func firstReceivable() {
        #expect(choose(ct, [.jpegLossless, .explicitVRLittleEndian]) == .jpegLossless)
        #expect(choose(ct, [.implicitVRLittleEndian, .explicitVRLittleEndian]) == .implicitVRLittleEndian)
        #expect(choose(ct, ["1.2.3.4", .explicitVRBigEndian]) == .explicitVRBigEndian)
        #expect(choose(ct, ["1.2.3.4"]) == nil)
        #expect(choose(ct, []) == nil)
    }

    @Test("storage commitment is spoken of only where it is granted, and with who only answers nothing else is")
    func commitment() {
        func choose(_ uid: UID, storage: Bool = true, requests: Bool = false, reports: Bool = false) -> TransferSyntax?
        {
            let grant = AssociationGrant(
                unknownSOPClasses: true, deflated: false, maximumObject: 1, storage: storage,
                commitmentRequests: requests, commitmentReports: reports)
            let context = AssociationRequest.Context(
                id: 1, abstractSyntax: uid, transferSyntaxes: [.jpegLossless, .explicitVRLittleEndian])
            return ContextChoice.accept([context], grant: grant)[1]
        }
        #expect(choose(StorageCommitment.sopClass) == nil)
        #expect(choose(StorageCommitment.sopClass, requests: true) == .explicitVRLittleEndian)
        #expect(choose(StorageCommitment.sopClass, reports: true) == .explicitVRLittleEndian)
        #expect(choose(ct, storage: false, reports: true) == nil)
        #expect(choose("1.2.3.4", storage: false, reports: true) == nil)
    }

    @Test("the deflated syntax is accepted only where the source's settings ask for it")
    func deflated() {
        let both: [TransferSyntax] = [.deflatedExplicitVRLittleEndian, .implicitVRLittleEndian]
        #expect(choose(ct, [.deflatedExplicitVRLittleEndian]) == nil)
        #expect(choose(ct, both) == .implicitVRLittleEndian)
        #expect(choose(ct, both, deflated: true) == .deflatedExplicitVRLittleEndian)
        #expect(choose("1.2.840.10008.1.1", both, deflated: true) == .implicitVRLittleEndian)
    }

    @Test("a syntax that nobody here knows is accepted only where the source's settings ask for it")
    func unknownSyntaxes() {
        func choose(_ syntaxes: [TransferSyntax], deflated: Bool = false) -> TransferSyntax? {
            let grant = AssociationGrant(
                unknownSOPClasses: false, deflated: deflated, unknownSyntaxes: true, maximumObject: 1)
            let context = AssociationRequest.Context(id: 1, abstractSyntax: ct, transferSyntaxes: syntaxes)
            return ContextChoice.accept([context], grant: grant)[1]
        }
        #expect(choose(["1.2.840.113619.5.2", .explicitVRLittleEndian]) == "1.2.840.113619.5.2")
        #expect(choose(["1.2.840.10008.1.2.4.999"]) == "1.2.840.10008.1.2.4.999")
        // Known, and not for storage or not asked for.
        #expect(choose(["1.2.840.10008.1.2.7.1", .explicitVRLittleEndian]) == .explicitVRLittleEndian)
        #expect(choose([.deflatedExplicitVRLittleEndian, "1.2.840.10008.1.2.4.205"]) == nil)
        #expect(choose(["1.2.840.10008.1.2.4.205"], deflated: true) == "1.2.840.10008.1.2.4.205")
        #expect(choose(["no uid"]) == nil)
    }

    @Test(
        "classes that belong to a patient's study are stored, other services and objects without a study are not",
        arguments: [
            ("1.2.840.10008.1.1", true),
            ("1.2.840.10008.5.1.4.1.1.2", true),
            ("1.2.840.10008.5.1.4.1.1.88.33", true),
            ("1.2.840.10008.5.1.4.1.1.9999.1", true),
            ("1.2.840.10008.5.1.4.34.7", true),
            ("1.2.840.10008.5.1.4.38.1", false),
            ("1.2.840.10008.5.1.4.1.1.200.1", false),
            ("1.2.840.10008.5.1.4.1.2.2.1", false),
            ("1.2.840.10008.1.20.1", false),
            ("1.2.840.10008.5.1.4.1.1.", false),
            ("1.3.12.2.1107.5.9.1", false),
        ])
    func classes(uid: String, expected: Bool) {
        #expect((choose(UID(uid), [.implicitVRLittleEndian]) != nil) == expected)
    }

    @Test("a private class is stored when its source is granted that, another service of the standard never")
    func unknownClasses() {
        #expect(choose("1.3.12.2.1107.5.9.1", [.implicitVRLittleEndian], unknown: true) != nil)
        #expect(choose("1.2.840.10008.5.1.4.1.2.2.1", [.implicitVRLittleEndian], unknown: true) == nil)
        #expect(choose("not a uid", [.implicitVRLittleEndian], unknown: true) == nil)
    }
}
