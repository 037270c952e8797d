// Reports as a remote reader writes them.

import DICOM
import DICOMVocabulary
import Foundation
import Testing

@testable import Simulation

@Suite("A simulated report")
struct ReportWriterTests {
    private static let image = Holding(values: [
        .sopClassUID: Array("1.2.840.10008.5.1.4.1.1.2".utf8), .sopInstanceUID: Array("2.25.3".utf8),
        .studyInstanceUID: Array("2.25.1".utf8), .seriesInstanceUID: Array("2.25.2".utf8),
        .patientName: Array("APBCDFGHJKMN2".utf8), .patientID: Array("APXXDFGHJKMN3".utf8),
        .accessionNumber: Array("APYYDFGHJKMN4".utf8), .modality: Array("CT".utf8),
        .frameOfReferenceUID: Array("2.25.4".utf8), .patientSex: Array("F".utf8), .studyID: Array("APZ".utf8),
    ])

    private func report(_ options: ReportOptions, predecessor: Holding? = nil) throws -> SyntheticInstance {
        var random = SeededRandom(seed: 5)
        return try #require(
            ReportWriter(
                options: options, images: [Self.image], predecessor: predecessor,
                moment: ReportMoment(seconds: 1_772_404_500), random: &random)
        ).write()
    }

    private func read(_ instance: SyntheticInstance) throws -> DataSet {
        try instance.dataSet.withUnsafeBytes { try DataSet(bytes: $0, transferSyntax: instance.transferSyntax) }
    }

    /// Every value of a tag in the tree, in its order.
    private func values(_ item: DataSetItem, _ tag: Tag) -> [[UInt8]] {
        item.elements.flatMap { element -> [[UInt8]] in
            if element.tag == tag, !element.isSequence { return [element.value] }
            return element.items.flatMap { values($0, tag) }
        }
    }

    @Test("copies what names the patient and the order as it came", arguments: ReportOptions.Kind.allCases)
    func copies(_ kind: ReportOptions.Kind) throws {
        var options = ReportOptions()
        options.kind = kind
        let root = try read(try report(options)).root
        for tag in [Tag.patientName, .patientID, .accessionNumber, .studyInstanceUID, .studyID, .patientSex] {
            #expect(root[tag]?.value == Self.image.values[tag])
        }
        #expect(root[.sopClassUID]?.value == Array(kind.sopClass.string.utf8))
    }

    @Test(
        "names the patient's number once in its text and refers to each image",
        arguments: [ReportOptions.Kind.basicText, .enhanced, .comprehensive, .comprehensive3D],
        ReportOptions.Language.allCases)
    func tree(_ kind: ReportOptions.Kind, _ language: ReportOptions.Language) throws {
        var options = ReportOptions()
        options.kind = kind
        options.language = language
        let root = try read(try report(options)).root
        let texts = values(root, Tag(0x0040, 0xA160)).map { String(decoding: $0, as: UTF8.self) }
        #expect(texts.count { $0.contains("APXXDFGHJKMN3") } == 1)
        let evidence = try #require(root[Tag(0x0040, 0xA375)]?.items.first)
        #expect(values(evidence, .referencedSOPInstanceUID) == [Array("2.25.3".utf8)])
        #expect(values(root, Tag(0x3006, 0x0024)).count == (kind == .comprehensive3D ? 1 : 0))
        #expect(values(root, Tag(0x0040, 0xA30A)).count == (kind == .basicText ? 0 : 1))
    }

    @Test("says the same words in both character sets", arguments: ["ISO_IR 100", "ISO_IR 192"])
    func characterSets(_ characterSet: String) throws {
        var options = ReportOptions()
        options.characterSet = characterSet
        let root = try read(try report(options)).root
        let texts = values(root, Tag(0x0040, 0xA160)).compactMap { CharacterSet.decode($0, characterSet, vr: .UT) }
        #expect(texts.contains { $0.contains("förtätning") })
    }

    @Test("carries the flags it was told to", arguments: [true, false])
    func flags(_ finished: Bool) throws {
        var options = ReportOptions()
        options.complete = finished
        options.verified = finished
        options.preliminary = !finished
        let root = try read(try report(options)).root
        #expect(root[Tag(0x0040, 0xA491)]?.value == Array((finished ? "COMPLETE" : "PARTIAL").utf8))
        #expect(root[Tag(0x0040, 0xA493)]?.value == Array((finished ? "VERIFIED" : "UNVERIFIED").utf8))
        #expect(root[Tag(0x0040, 0xA496)]?.value == Array((finished ? "FINAL" : "PRELIMINARY").utf8))
        #expect((root[Tag(0x0040, 0xA073)] != nil) == finished)
    }

    @Test("names the report that it follows")
    func predecessor() throws {
        let root = try read(try report(ReportOptions(), predecessor: Self.image)).root
        #expect(values(try #require(root[Tag(0x0040, 0xA360)]?.items.first), .referencedSOPInstanceUID).count == 1)
    }

    @Test("as PDF has an even length and a table of its objects")
    func pdf() throws {
        var options = ReportOptions()
        options.kind = .encapsulatedPDF
        let document = try #require(try read(try report(options)).root[.encapsulatedDocument]).paddedValue
        #expect(document.starts(with: Array("%PDF-1.4".utf8)))
        #expect(document.count.isMultiple(of: 2))
        let words = String(decoding: document, as: UTF8.self)
        #expect(words.contains("APXXDFGHJKMN3"))
        let objects = words.components(separatedBy: " 0 obj\n").count - 1
        #expect(words.contains("xref\n0 \(objects + 1)\n"))
    }

    @Test("is written on nothing less than an image")
    func nothing() {
        var random = SeededRandom(seed: 5)
        #expect(
            ReportWriter(
                options: ReportOptions(), images: [], predecessor: nil, moment: ReportMoment(seconds: 0),
                random: &random) == nil)
    }

    @Test("has its date in UTC")
    func moment() {
        let moment = ReportMoment(seconds: 951_782_400 + 3_661)
        #expect(moment.dateTime == "20000229010101+0000")
    }
}
