import DICOMVocabulary
import Foundation
import GatewayTesting
import Intake
import Journal
import Routing
import Testing
import WorkerProtocol

@testable import Gateway

@Suite("Words of a header")
struct HeaderWordsTests {
    private func words(_ rules: [Rule] = [], _ source: SourceSettings? = nil) -> HeaderWords {
        let patient = FakePatient(name: "Hand^Zebra", personnummer: "19340229-9876", accession: "ZACC7719")
        return HeaderWords(
            rules: { RuleSet(rules: rules, timeZone: .gmt) }, source: source, identity: patient.identity(study: "1.2"))
    }

    @Test("that are defined terms are kept, whatever the patient's name, and so are those of another device's making")
    func kept() {
        let words = words()
        for word in ["", "CT", "ct", "PT", "HAND"] { #expect(words.modality(word) == (word == "HAND" ? "?" : word)) }
        for word in ["HAND", "Chest", "TLSPINE", "L_SPINE 2", "SWIM", "?"] {
            #expect(words.bodyPart(word) == word)
        }
    }

    @Test(
        "that name the patient, or have another form than a code string, are not",
        arguments: [
            "ZEBRA", "zebra", "HAND ZEBRA", "ZEBRAHAND", "ARM_ZEBRA", "ZEBRAS", "193402299876", "340229 9876",
            "ZACC7719",
            "L-SPINE", "ANNA, RIGHT ARM", "SEVENTEEN LETTERS", "?A",
        ])
    func dropped(word: String) {
        #expect(words().bodyPart(word) == "?")
        #expect(words().modality(word) == "?")
    }

    @Test("that the site's rules or quiet periods name are kept as they came")
    func configured() {
        var rule = Rule(name: "spines", to: ["sydney"])
        rule.bodyParts = ["l-spine", "ZEBRA"]
        rule.modalities = ["QX-1"]
        var source = SourceSettings(name: "ct1", addresses: [], callingAEs: [])
        source.quietPeriodByModality = ["QX-2": 5]
        let words = words([rule], source)
        #expect(words.bodyPart("L-SPINE") == "L-SPINE" && words.bodyPart("ZEBRA") == "ZEBRA")
        #expect(words.modality("QX-1") == "QX-1" && words.modality("QX-2") == "QX-2" && words.modality("QX-3") == "?")
    }

    @Test("go on to steer rules: a body part that is no defined term")
    func routed() async throws {
        let bench = try Bench { settings in
            settings.rules.rules.insert(Rule(name: "spines", to: ["oslo"]), at: 0)
            settings.rules.rules[0].bodyParts = ["l-spine"]
        }
        var instance = FakeStudy().instance()
        instance.header.bodyPart = "L-SPINE"
        await bench.receive(instance)
        let row = try #require(try await bench.journal.receivingStudies().first)
        #expect(row.bodyParts == ["L-SPINE"])
        #expect(try await bench.journal.complete(study: row.id, at: bench.clock.date))
        try await bench.planner.planComplete()
        #expect(try await bench.record(row.id).rule == "spines")
    }

    @Test("flags of a report are enumerated values or nothing that is kept")
    func flags() {
        #expect(HeaderWords.kept("COMPLETE", of: ["PARTIAL", "COMPLETE"]) == "COMPLETE")
        #expect(HeaderWords.kept("", of: ["PARTIAL", "COMPLETE"]).isEmpty)
        #expect(HeaderWords.kept("Zebra", of: ["PARTIAL", "COMPLETE"]) == "?")
    }
}
