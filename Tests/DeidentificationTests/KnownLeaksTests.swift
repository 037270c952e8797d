import DICOM
import DICOMVocabulary
import Testing
import WorkerProtocol

@testable import Deidentification

/// Ways in which an identity got past the profile or the guard, or held an exam for nothing, each once.
@Suite("Leaks and false alarms that were")
struct KnownLeaksTests {
    private static let explicit: TransferSyntax = "1.2.840.10008.1.2.1"

    private struct Crossing {
        let dataSet: DataSet
        let hits: [GuardHit]
    }

    /// Plants into the slice, pseudonymises, and asks the guard.
    private func cross(_ plant: (DataSetItem) throws -> Void) throws -> Crossing {
        let dataSet = try Planted.slice()
        try plant(dataSet.root)
        let identityGuard = IdentityGuard(identities: [StudyIdentity(of: dataSet)], instance: dataSet)
        try Planted.pseudonymise(dataSet)
        let bytes = try dataSet.encoded(as: Self.explicit)
        return Crossing(dataSet: dataSet, hits: try identityGuard.search(bytes, transferSyntax: Self.explicit))
    }

    @Test(
        "an identifier in a field that machines write is cleaned, and the exam goes",
        arguments: [
            Tag(0x0008, 0x0070), Tag(0x0008, 0x1090), Tag(0x0018, 0x1020), Tag(0x0018, 0x1210), Tag(0x0010, 0x2160),
            Tag(0x0012, 0x0063),
        ])
    func technical(tag: Tag) throws {
        let crossing = try cross { try $0.set(tag, .LO, text: "ACME Tolvansson 19121212-1212") }
        #expect(crossing.hits == [])
        #expect(!crossing.dataSet.root.text(tag).contains("Tolvan"))
        #expect(!crossing.dataSet.root.text(tag).contains("1212"))
    }

    @Test("what people write beside a window or a table is cleaned as any text")
    func explanations() throws {
        let crossing = try cross {
            try $0.set(Tag(0x0028, 0x1055), .LO, text: "Lindqvist Karin\\Lung")
            let table = try $0.addItem(to: Tag(0x0028, 0x3000))
            try table.set(Tag(0x0028, 0x3003), .LO, text: "Lindqvist Karin")
        }
        #expect(crossing.dataSet.root.text(Tag(0x0028, 0x1055)) == "\\Lung")
        #expect(crossing.dataSet.root[Tag(0x0028, 0x3000)]?.items.first?.text(Tag(0x0028, 0x3003)) == "")
    }

    @Test("a machine's own name stays, also where a patient is called the same")
    func machineName() throws {
        let crossing = try cross {
            try $0.set(.patientName, .PN, text: "Vida^Head")
            try $0.set(Tag(0x0008, 0x1090), .LO, text: "MAGNETOM Vida")
            try $0.set(Tag(0x0018, 0x0015), .CS, text: "HEAD")
        }
        #expect(crossing.hits == [])
        #expect(crossing.dataSet.root.text(Tag(0x0008, 0x1090)) == "MAGNETOM Vida")
        #expect(crossing.dataSet.root.text(Tag(0x0018, 0x0015)) == "HEAD")
    }

    @Test("a name that somebody typed as body part or content label goes, and the exam with it not held")
    func typedTerms() throws {
        let crossing = try cross {
            try $0.set(Tag(0x0018, 0x0015), .CS, text: "TOLVANSSON")
            try $0.set(Tag(0x0070, 0x0080), .CS, text: "TOLVANSSON")
        }
        #expect(crossing.hits == [])
        #expect(crossing.dataSet.root.text(Tag(0x0018, 0x0015)).isEmpty)
        #expect(crossing.dataSet.root.text(Tag(0x0070, 0x0080)) == "REMOVED")
    }

    @Test("a code of a published scheme is believed only as long as it names nobody")
    func standardCode() throws {
        let crossing = try cross {
            let item = try $0.addItem(to: Tag(0x0008, 0x1032))
            try item.set(.codeValue, .SH, text: "Tolvansson")
            try item.set(.codingSchemeDesignator, .SH, text: "DCM")
            try item.set(.codeMeaning, .LO, text: "Tolvan 19121212-1212")
        }
        #expect(crossing.hits == [])
    }

    @Test("a code of ten digits is not a personal number")
    func codeLikeNumber() throws {
        let crossing = try cross {
            let item = try $0.addItem(to: Tag(0x0008, 0x1032))
            try item.set(.codeValue, .SH, text: "8001012384")
            try item.set(.codingSchemeDesignator, .SH, text: "SCT")
            try item.set(.codeMeaning, .LO, text: "Chest")
        }
        #expect(crossing.hits == [])
        #expect(crossing.dataSet.root[Tag(0x0008, 0x1032)]?.items.first?.text(.codeValue) == "8001012384")
    }

    @Test("a UID with an invented arc under the standard's root is replaced")
    func inventedStandardUID() throws {
        let crossing = try cross {
            try $0.set(.frameOfReferenceUID, .UI, text: "1.2.840.10008.191212121212")
            try $0.set(Tag(0x0008, 0x1155), .UI, text: "1.2.840.10008.1.4.1.1")
        }
        #expect(crossing.hits == [])
        #expect(crossing.dataSet.root.text(.frameOfReferenceUID).hasPrefix("2.25."))
        #expect(crossing.dataSet.root.text(Tag(0x0008, 0x1155)) == "1.2.840.10008.1.4.1.1")
    }

    @Test("a patient's number inside a UID that stays is found")
    func numberInClass() throws {
        let crossing = try cross { try $0.set(Tag(0x0008, 0x1150), .UI, text: "1.2.752.191212121212.3") }
        #expect(crossing.hits.map(\.kind) == [.patientID])
    }

    @Test("pixels inside of items go")
    func nestedPixels() throws {
        let crossing = try cross {
            try $0.addItem(to: Tag(0x0008, 0x1140)).set(.pixelData, .OW, Array("Tolvansson  ".utf8))
        }
        #expect(crossing.dataSet.root[Tag(0x0008, 0x1140)]?.items.first?[.pixelData] == nil)
    }

    @Test("a short name in a colour profile is found")
    func profile() throws {
        let crossing = try cross {
            try $0.set(Tag(0x0028, 0x2000), .OB, [UInt8](repeating: 0, count: 20) + Array("Tolvan".utf8))
        }
        #expect(crossing.hits.map(\.kind) == [.patientName])
    }

    @Test("a name with accents as characters of their own is found")
    func decomposed() throws {
        let source = try Planted.slice()
        let identityGuard = IdentityGuard(identities: [StudyIdentity(of: source)], instance: source)
        let leaving = DataSet()
        try leaving.root.set(.manufacturer, .LO, Array("ACME A\u{30A}stro\u{308}m".utf8))
        let hits = try identityGuard.search(leaving.encoded(as: Self.explicit), transferSyntax: Self.explicit)
        #expect(hits.map(\.kind) == [.patientName])
    }

    @Test("diffusion directions and b-values stay, whoever wrote the creator in capitals")
    func diffusion() throws {
        let crossing = try cross {
            try $0.set(Tag(0x0019, 0x0010), .LO, text: "GEMS_ACQU_01")
            for element: UInt16 in [0x10BB, 0x10BC, 0x10BD] { try $0.set(Tag(0x0019, element), .DS, text: "-0.707") }
            try $0.set(Tag(0x2001, 0x0010), .LO, text: "PHILIPS IMAGING DD 001")
            try $0.set(Tag(0x2001, 0x1003), .FL, [0, 0, 0x7A, 0x44])
        }
        let kept = [Tag(0x0019, 0x10BB), Tag(0x0019, 0x10BC), Tag(0x0019, 0x10BD), Tag(0x2001, 0x1003)]
        #expect(kept.allSatisfy { crossing.dataSet.root[$0] != nil })
    }

    @Test("empty capture attributes and a mammogram from its workstation are no capture")
    func notCaptured() throws {
        let enhanced = try Planted.slice(sopClass: "1.2.840.10008.5.1.4.1.1.4.1")
        for tag in [Tag.conversionType, Tag(0x0018, 0x1016)] { try enhanced.root.set(tag, .LO, []) }
        #expect(!HoldFacts(enhanced).isCaptured)
        let mammogram = try Planted.slice(sopClass: "1.2.840.10008.5.1.4.1.1.1.2")
        try mammogram.root.set(.imageType, .CS, text: "DERIVED\\PRIMARY")
        try mammogram.root.set(.conversionType, .CS, text: "WSD")
        #expect(!HoldFacts(mammogram).isCaptured)
        try mammogram.root.set(.conversionType, .CS, text: "DF")
        #expect(HoldFacts(mammogram).isCaptured)
    }

    @Test("an age of more than 130 years is not one")
    func age() throws {
        let birth = try #require(CalendarDay("18120101"))
        let day = try #require(CalendarDay("20260301"))
        #expect(PatientAge.string(from: birth, to: day) == nil)
    }

    @Test("a UID is replaced under whatever representation it is written", arguments: [VR.LO, .SH, .CS, .UT, .ST, .OB])
    func uidUnderAnother(vr: VR) throws {
        let crossing = try cross { try $0.set(Tag(0x0020, 0x0052), vr, text: "1.2.752.99.1") }
        let value = crossing.dataSet.root.text(Tag(0x0020, 0x0052))
        #expect(value.hasPrefix("2.25.") && crossing.dataSet.root[Tag(0x0020, 0x0052)]?.vr == .UI)
    }

    @Test("free text that is written as a coded string is cleaned as free text")
    func textAsCode() throws {
        let crossing = try cross { try $0.set(Tag(0x0008, 0x1030), .CS, text: "LUNG EVA EK 0701234567") }
        let text = crossing.dataSet.root.text(Tag(0x0008, 0x1030))
        #expect(!text.contains("EK") && !text.contains("0701234567"))
    }

    @Test("a patient called Philip, or Per, holds no exam for its machine's maker and for a defined term")
    func makersGenitive() throws {
        let crossing = try cross {
            try $0.set(.patientName, .PN, text: "Ek^Philip^Per")
            try $0.set(Tag(0x0008, 0x0070), .LO, text: "Philips")
            try $0.set(Tag(0x0018, 0x9180), .CS, text: "PER_NERVE_STIM")
        }
        #expect(crossing.hits == [])
        #expect(crossing.dataSet.root.text(Tag(0x0008, 0x0070)) == "Philips")
    }
}
