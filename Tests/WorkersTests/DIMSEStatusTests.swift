import DICOMVocabulary
import Testing

@Suite struct DIMSEStatusTests {
    @Test(
        "success, warnings and an object that the peer holds already are acknowledgements",
        arguments: [0x0000, 0x0001, 0x0107, 0x0111, 0x0116, 0xB000, 0xB006, 0xB007, 0xBFFF] as [UInt16])
    func acknowledged(status: UInt16) {
        #expect(DIMSEStatus.classify(status) == nil)
    }

    /// PS3.4 Table B.2-1 and PS3.7 Annex C, edition 2026d: what may stand in a C-STORE response and what stands nowhere.
    private enum End { case acknowledged, again, refused, person }

    private func end(_ status: UInt16) -> End {
        switch status {
        // C.1 Success, C.4 Warnings, B.2.3 Warnings, and the duplicate that a lost response makes.
        case 0x0000, 0x0001, 0x0107, 0x0116, 0xB000...0xBFFF, 0x0111: .acknowledged
        // Out of resources, resource limitation, processing failure, cancelled.
        case 0xA700...0xA7FF, 0x0213, 0x0110, 0xFE00: .again
        // Not authorised: somebody there has to allow us.
        case 0x0124: .person
        default: .refused
        }
    }

    @Test("each of the 65,536 statuses has one end, and only those of the road concern the road")
    func everyStatus() {
        let roads: Set<UInt16> = Set(0xA700...0xA7FF).union([0x0213, 0x0124])
        for status in UInt16.min...UInt16.max {
            let failure = DIMSEStatus.classify(status)
            let found: End =
                switch failure?.disposition {
                case nil: .acknowledged
                case .tryAgain: .again
                case .refused: .refused
                case .person: .person
                }
            #expect(found == end(status), "\(DIMSEStatus.hex(status))")
            #expect((failure?.scope == .destination) == roads.contains(status), "\(DIMSEStatus.hex(status))")
        }
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
