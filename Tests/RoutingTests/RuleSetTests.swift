import DICOMVocabulary
import Foundation
import Routing
import Testing

@Suite("Rules")
struct RuleSetTests {
    private let noon = Date(timeIntervalSince1970: 1_795_255_200)

    private func exam(_ change: (inout ExamSummary) -> Void = { _ in }) throws -> ExamSummary {
        var exam = ExamSummary(
            source: "ct1", calledAE: try #require(AETitle("ANTIPODE")), modalities: ["CT", "SR"], bodyParts: ["HEAD"],
            studyDescription: "DT Hjärna TRAUMA")
        change(&exam)
        return exam
    }

    private func set(_ rules: [Rule], fallback: RuleSet.Fallback = .hold) throws -> RuleSet {
        RuleSet(rules: rules, timeZone: try #require(TimeZone(identifier: "Europe/Stockholm")), fallback: fallback)
    }

    private func rule(_ name: String, to: [String] = ["reader"], _ change: (inout Rule) -> Void = { _ in }) -> Rule {
        var rule = Rule(name: name, to: to)
        change(&rule)
        return rule
    }

    @Test("the first whose conditions are all met decides, and later ones are shown")
    func first() throws {
        let decision = try set([
            rule("mr") { $0.modalities = ["MR"] }, rule("ct", to: ["a", "b", "a"]) { $0.modalities = ["ct"] },
            rule("all", to: ["c"]),
        ]).decide(try exam(), at: noon)
        #expect(decision.rule == "ct")
        #expect(decision.destinations == ["a", "b"])
        #expect(decision.hold == nil)
        #expect(decision.outcomes.map(\.matched) == [false, true, true])
        #expect(decision.outcomes[0].reasons == ["modality CT, SR (wanted MR)"])
        #expect(decision.outcomes[1].reasons == ["modality CT, SR (wanted ct)"])
    }

    @Test("each condition is asked for and can fail alone")
    func conditions() throws {
        let friday = try TimeWindowTests.instant("2026-11-20T21:00:00Z")
        let full = rule("full") {
            $0.sources = ["ct1"]
            $0.calledAEs = [AETitle("ANTIPODE")].compactMap { $0 }
            $0.modalities = ["CT"]
            $0.bodyParts = ["head"]
            $0.studyDescriptions = [Glob("*trauma*")]
            $0.priorities = [.routine]
            $0.weekdays = [.friday]
            $0.windows = [TimeOfDay(hour: 20)].compactMap { $0 }.map { TimeWindow(from: $0, until: $0) }
        }
        let rules = try set([full])
        #expect(rules.decide(try exam(), at: friday).rule == "full")
        let changes: [(String, (inout ExamSummary) -> Void)] = [
            ("source", { $0.source = "CT1" }), ("called AE title", { $0.calledAE = AETitle("OTHER") ?? $0.calledAE }),
            ("modality", { $0.modalities = ["MR"] }), ("body part", { $0.bodyParts = [] }),
            ("study description", { $0.studyDescription = "" }), ("priority", { $0.priority = .stat }),
        ]
        for (condition, change) in changes {
            let decision = rules.decide(try exam(change), at: friday)
            #expect(decision.rule == nil)
            #expect(decision.outcomes[0].conditions.filter { !$0.isMet }.map(\.condition) == [condition])
        }
        let later = rules.decide(try exam(), at: friday.addingTimeInterval(86_400))
        #expect(later.outcomes[0].conditions.filter { !$0.isMet }.map(\.condition) == ["time"])
    }

    @Test("weekdays without hours are days of the local calendar")
    func weekdays() throws {
        let rules = try set([rule("friday") { $0.weekdays = [.friday] }])
        #expect(rules.decide(try exam(), at: try TimeWindowTests.instant("2026-11-19T23:00:00Z")).rule == "friday")
        #expect(rules.decide(try exam(), at: try TimeWindowTests.instant("2026-11-20T23:00:00Z")).rule == nil)
    }

    @Test("an exam that none names is held, or kept where the site says so")
    func fallback() throws {
        let held = try set([]).decide(try exam(), at: noon)
        #expect(held.hold == RuleSet.noRuleReason && held.destinations.isEmpty)
        let kept = try set([], fallback: .keep).decide(try exam(), at: noon)
        #expect(kept.hold == nil && kept.destinations.isEmpty)
    }

    @Test("that hold do so until a person releases the exam")
    func hold() throws {
        let rules = try set([
            rule("only holds", to: []) {
                $0.hold = "ask first"
                $0.bodyParts = ["BREAST"]
            },
            rule("holds and sends") { $0.hold = "check the protocol" },
        ])
        #expect(rules.decide(try exam(), at: noon).hold == "check the protocol")
        #expect(rules.decide(try exam(), at: noon, released: true).destinations == ["reader"])
        let breast = try exam { $0.bodyParts = ["BREAST"] }
        #expect(rules.decide(breast, at: noon).rule == "only holds")
        #expect(rules.decide(breast, at: noon, released: true).rule == "holds and sends")
    }

    @Test("can override the priority")
    func priority() throws {
        #expect(try set([rule("night") { $0.priority = .stat }]).decide(try exam(), at: noon).priority == .stat)
    }

    @Test("leave decisions that survive the journal and do not repeat the description")
    func coding() throws {
        let decision = try set([rule("trauma") { $0.studyDescriptions = [Glob("*trauma*")] }]).decide(
            try exam(), at: noon)
        let data = try JSONEncoder().encode(decision)
        #expect(try JSONDecoder().decode(RoutingDecision.self, from: data) == decision)
        #expect(!String(decoding: data, as: UTF8.self).contains("Hj"))
    }

    @Test(
        "match descriptions by patterns",
        arguments: [
            ("*", "", true), ("?", "", false), ("ct*", "CT Thorax", true), ("*trauma*", "DT TRAUMA", true),
            ("a*b*c", "aXbXbXc", true), ("a*b*c", "aXbXbX", false), ("HJÄRNA", "hja\u{308}rna", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false), ("", "", true), ("", "a", false), ("**a", "bba", true), ("[a-z]", "b", false),
        ])
    func globs(pattern: String, text: String, expected: Bool) {
        #expect(Glob(pattern).matches(text) == expected)
    }

    @Test("match hostile descriptions in reasonable time")
    func slowGlob() {
        let pattern = Glob(String(repeating: "*a", count: 60) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 10_000)))
    }

    @Test(
        "read priorities as they are written",
        arguments: [("STAT", ExamPriority.stat), ("high ", .high), ("", .routine), ("urgent", .routine), ("LOW", .low)])
    func priorities(text: String, expected: ExamPriority) {
        #expect(ExamPriority(written: text) == expected)
    }
}
