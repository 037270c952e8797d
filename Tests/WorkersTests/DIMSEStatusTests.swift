import DICOMVocabulary
import Testing

@Suite struct DIMSEStatusTests {
    @Test(
        "success, warnings and an object that the peer holds already are acknowledgements",
        arguments: [0x0000, 0x0001, 0x0107, 0x0111, 0x0116, 0xB000, 0xB006, 0xB007, 0xBFFF] as [UInt16])
    func acknowledged(status: UInt16) {
        #expect(DIMSEStatus.classify(status) == nil)
    }

    @Test(
        "a refusal says whether trying again helps and whether it is about the road",
        arguments: [
            (0xA700, .outOfResources, .tryAgain, .destination),
            (0xA7FF, .outOfResources, .tryAgain, .destination),
            (0x0213, .outOfResources, .tryAgain, .destination),
            (0xA900, .dataSetMismatch, .refused, .instance),
            (0xC000, .cannotUnderstand, .refused, .instance),
            (0xCFFF, .cannotUnderstand, .refused, .instance),
            (0x0122, .sopClassNotSupported, .refused, .instance),
            (0x0124, .notAuthorized, .person, .destination),
            (0x0110, .refusedByPeer, .tryAgain, .instance),
            (0x0211, .protocolError, .refused, .instance),
            (0xD123, .refusedByPeer, .refused, .instance),
        ] as [(UInt16, Failure.Code, Failure.Disposition, Failure.Scope)])
    func refused(status: UInt16, code: Failure.Code, disposition: Failure.Disposition, scope: Failure.Scope) throws {
        let failure = try #require(DIMSEStatus.classify(status))
        #expect(failure.code == code && failure.disposition == disposition && failure.scope == scope)
        #expect(failure.status == status)
        #expect(failure.detail.contains(DIMSEStatus.hex(status)))
    }
}
