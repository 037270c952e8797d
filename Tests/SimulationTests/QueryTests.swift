// Which objects a query chooses.

import DICOM
import DICOMVocabulary
import Testing

@testable import Simulation

@Suite("A query")
struct QueryTests {
    private static let holdings = [
        holding("1.1", "1.1.1", "1.1.1.1", "CT", name: "APXX"), holding("1.1", "1.1.1", "1.1.1.2", "CT", name: "APXX"),
        holding("1.1", "1.1.2", "1.1.2.1", "SR", name: "APXX"), holding("1.2", "1.2.1", "1.2.1.1", "MR", name: "APYY"),
    ]

    private static func holding(
        _ study: String, _ series: String, _ instance: String, _ modality: String, name: String
    ) -> Holding {
        Holding(values: [
            .studyInstanceUID: Array(study.utf8), .seriesInstanceUID: Array(series.utf8),
            .sopInstanceUID: Array(instance.utf8), .sopClassUID: Array("1.2.840.10008.5.1.4.1.1.2".utf8),
            .modality: Array(modality.utf8), .patientName: Array(name.utf8), .studyDate: Array("20260301".utf8),
        ])
    }

    private func query(_ level: String, _ keys: [(Tag, VR, String)]) throws -> Query {
        let identifier = DataSet()
        try identifier.root.set(Query.levelTag, .CS, Array(level.utf8))
        for (tag, vr, value) in keys { try identifier.root.set(tag, vr, Array(value.utf8)) }
        return try #require(Query(identifier: identifier))
    }

    private func found(_ query: Query) -> Set<String> { Set(query.objects(Self.holdings).map(\.sopInstance.string)) }

    @Test("with a Study Instance UID chooses that study")
    func study() throws {
        #expect(
            found(try query("STUDY", [(.studyInstanceUID, .UI, "1.1")])) == ["1.1.1.1", "1.1.1.2", "1.1.2.1"])
    }

    @Test("with a list of UIDs chooses each of them")
    func list() throws {
        #expect(
            found(try query("IMAGE", [(.sopInstanceUID, .UI, #"1.1.1.1\1.2.1.1\9"#)])) == ["1.1.1.1", "1.2.1.1"])
    }

    @Test("with a modality chooses series, with modalities in study whole studies")
    func modality() throws {
        #expect(found(try query("SERIES", [(.modality, .CS, "SR")])) == ["1.1.2.1"])
        let modalitiesInStudy = Tag(0x0008, 0x0061)
        #expect(
            found(try query("STUDY", [(modalitiesInStudy, .CS, "SR")])) == ["1.1.1.1", "1.1.1.2", "1.1.2.1"])
    }

    @Test("without values chooses everything")
    func universal() throws {
        #expect(found(try query("STUDY", [(.patientName, .PN, ""), (.studyInstanceUID, .UI, "")])).count == 4)
    }

    @Test(
        "matches wildcards and ranges",
        arguments: [
            ("AP*", VR.LO, "APXX", true), ("A?XX", .LO, "APXX", true), ("A?X", .LO, "APXX", false),
            ("*x*", .PN, "APXX", true), ("20260201-20260401", .DA, "20260301", true),
            ("-20260101", .DA, "20260301", false), ("20260301-", .DA, "20260301", true),
            ("**a**b*", .LO, "xaxbx", true), ("1.2", .UI, "1.2", true), ("1.*", .UI, "1.2", false),
        ])
    func patterns(_ key: String, _ vr: VR, _ held: String, _ expected: Bool) {
        #expect(Query.matches(held, key, vr) == expected)
    }

    @Test("is answered once for each entity of its level, with counts")
    func answers() throws {
        let instancesInStudy = Tag(0x0020, 0x1208)
        let study = try query("STUDY", [(.studyInstanceUID, .UI, ""), (instancesInStudy, .IS, "")])
        let answers = try study.answers(Self.holdings, aeTitle: "READER")
        #expect(answers.count == 2)
        #expect(answers.first?.root[instancesInStudy]?.value == Array("3".utf8))
        #expect(try query("SERIES", [(.seriesInstanceUID, .UI, "")]).answers(Self.holdings, aeTitle: "R").count == 3)
        #expect(try query("IMAGE", [(.studyInstanceUID, .UI, "1.1")]).answers(Self.holdings, aeTitle: "R").count == 3)
    }

    @Test("without a level is none")
    func noLevel() {
        #expect(Query(identifier: DataSet()) == nil)
    }
}
