// [routing] and [[rule]].

import DICOMVocabulary
import Foundation
import Routing

extension ConfigurationReading {
    func rules(_ zone: TimeZone) -> RuleSet {
        let routing = root.table("routing")
        let fallback = routing.word("fallback", RuleSet.Fallback.self) ?? .hold
        routing.finish()
        return RuleSet(rules: root.tables("rule").map(rule), timeZone: zone, fallback: fallback)
    }

    private func rule(_ reader: TableReader) -> Rule {
        var rule = Rule(name: reader.requiredText("name"))
        rule.sources = reader.texts("sources", of: "names of sources")
        rule.calledAEs = reader.aeTitles("called_ae_titles")
        rule.modalities = reader.texts("modalities", of: "values of Modality (0008,0060), such as \"CT\"")
        rule.bodyParts = reader.texts("body_parts", of: "values of Body Part Examined (0018,0015)")
        rule.studyDescriptions = reader.list("study_descriptions", of: "patterns with * and ?") { Glob($0) }
        rule.priorities = reader.list("priorities", of: TableReader.choices(ExamPriority.self)) {
            ExamPriority(rawValue: $0)
        }
        rule.weekdays = reader.list("weekdays", of: TableReader.choices(Weekday.self)) { Weekday(rawValue: $0) }
        rule.windows = reader.windows("windows")
        rule.to = reader.texts("to", of: "names of destinations")
        rule.priority = reader.word("priority", ExamPriority.self)
        rule.hold = reader.text("hold", allowed: "the reason that a person is shown")
        rule.immediate = reader.boolean("immediate", default: false)
        if rule.immediate, rule.hold != nil {
            reader.fault("immediate", "goes with no hold", allowed: "false, or a rule without hold")
        }
        if rule.to.isEmpty, !reader.has("to"), rule.hold == nil {
            reader.fault("to", "is missing", allowed: "destinations, or hold with a reason")
        }
        // A condition whose every entry was wrong must not become one that everything meets; the fault stops the start.
        reader.finish()
        return rule
    }
}
