// Studies that no scanner made.

import DICOM
import DICOMVocabulary
import Testing

@testable import Simulation

@Suite("A synthetic study")
struct SyntheticStudyTests {
    private func options(_ seed: UInt64 = 7, kind: SyntheticStudy.Kind = .ct) -> SyntheticStudy.Options {
        var options = SyntheticStudy.Options(seed: seed)
        options.kind = kind
        options.slices = 3
        options.rows = 64
        options.columns = 64
        return options
    }

    private func read(_ instance: SyntheticInstance) throws -> DataSet {
        try instance.dataSet.withUnsafeBytes { try DataSet(bytes: $0, transferSyntax: instance.transferSyntax) }
    }

    @Test("is the same for the same seed and another for another", arguments: SyntheticStudy.Kind.allCases)
    func deterministic(_ kind: SyntheticStudy.Kind) throws {
        let first = try SyntheticStudy(options(kind: kind)).instance(1)
        #expect(try SyntheticStudy(options(kind: kind)).instance(1).dataSet == first.dataSet)
        #expect(try SyntheticStudy(options(8, kind: kind)).instance(1).dataSet != first.dataSet)
    }

    @Test("has valid UIDs, one for each slice")
    func uids() {
        let study = SyntheticStudy(options())
        let uids = (0..<study.count).map(study.sopInstance) + [study.study, study.series, study.frameOfReference]
        #expect(Set(uids).count == uids.count)
        #expect(uids.allSatisfy { $0.isValid && $0.string.hasPrefix("2.25.") })
    }

    @Test("writes Swedish letters in the character set it declares", arguments: ["ISO_IR 100", "ISO_IR 192"])
    func swedishLetters(_ characterSet: String) throws {
        var options = options()
        options.characterSet = characterSet
        let root = try read(try SyntheticStudy(options).instance(0)).root
        let name = try #require(root[.patientName]).value
        #expect(CharacterSet.decode(name, characterSet, vr: .PN) == "Öberg-Ström^Åsa Märta")
        #expect(try #require(root[.specificCharacterSet]).value == Array(characterSet.utf8))
        #expect(name.contains(0xD6) == (characterSet == "ISO_IR 100"))
    }

    @Test("refuses a name that its character set cannot hold")
    func unwritableName() {
        var options = options()
        options.patient.name = "山田^太郎"
        #expect(throws: Failure.self) { try SyntheticStudy(options).instance(0) }
    }

    @Test("has pixels that differ from slice to slice and stay within twelve bits")
    func pixels() throws {
        let study = SyntheticStudy(options())
        let slices = try (0..<3).map { try #require(try read(try study.instance($0)).root[.pixelData]).paddedValue }
        #expect(Set(slices).count == 3)
        for slice in slices {
            #expect(slice.count == 64 * 64 * 2)
            #expect(stride(from: 1, to: slice.count, by: 2).allSatisfy { slice[$0] < 0x10 })
        }
    }

    @Test("carries a private block, a request and an accession number")
    func identifiers() throws {
        let root = try read(try SyntheticStudy(options()).instance(0)).root
        #expect(root[Tag(0x0009, 0x0010)]?.value == Array("ANTIPODE PHANTOM".utf8))
        #expect(root[.patientID]?.value == Array("19121212-1212".utf8))
        #expect(root[.accessionNumber]?.value == Array("SE26-0301-0042".utf8))
        #expect(root[.requestAttributesSequence]?.items.count == 1)
    }

    @Test("is written as Part 10 files that the header scanner walks")
    func files() throws {
        try withTemporaryFolder { folder in
            let study = SyntheticStudy(options())
            let paths = try study.write(to: folder + "/deep/er")
            #expect(paths.count == 3)
            let holdings = try paths.map { try Holding(path: $0) }
            #expect(holdings.map(\.sopInstance) == (0..<3).map(study.sopInstance))
            #expect(holdings.allSatisfy { $0.study == study.study && $0.modality == "CT" })
        }
    }
}
