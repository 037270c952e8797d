// A decision with its reasons, kept in the journal so that a question months later has an answer.

package import Foundation

/// One condition of one rule against one exam.
package struct ConditionOutcome: Codable, Sendable, Hashable {
    package var condition: String
    package var isMet: Bool
    /// What the rule asks for, any of it.
    package var wanted: [String]
    /// What the exam has; empty for free text.
    package var found: [String]

    package init(condition: String, isMet: Bool, wanted: [String], found: [String]) {
        self.condition = condition
        self.isMet = isMet
        self.wanted = wanted
        self.found = found
    }

    /// `modality CT (wanted CT, MR)`
    package var description: String {
        let wanted = wanted.joined(separator: ", ")
        let found = found.isEmpty ? (isMet ? "matches" : "does not match") : found.joined(separator: ", ")
        return "\(condition) \(found) (wanted \(wanted))"
    }
}

package struct RuleOutcome: Codable, Sendable, Hashable {
    package var rule: String
    /// Every condition is met. The first such rule decides; later ones are here to show what it overruled.
    package var matched: Bool
    package var conditions: [ConditionOutcome]

    package init(rule: String, matched: Bool, conditions: [ConditionOutcome]) {
        self.rule = rule
        self.matched = matched
        self.conditions = conditions
    }

    /// For a rule that matched, what was met; for another, what was not.
    package var reasons: [String] { conditions.filter { $0.isMet == matched }.map(\.description) }
}

/// Where an exam goes, decided once and written down.
package struct RoutingDecision: Codable, Sendable, Hashable {
    package var decidedAt: Date
    /// The same instant on the site's clock, with offset, zone and weekday.
    package var localTime: String
    /// The rule that decided; nil when none matched.
    package var rule: String?
    /// In the order of the rule, each once. Empty when held, or when the site keeps what no rule names.
    package var destinations: [String]
    /// Where the rule overrides the exam's own.
    package var priority: ExamPriority?
    /// Why a person has to look; nil when nobody has to.
    package var hold: String?
    /// Every rule, in order.
    package var outcomes: [RuleOutcome]

    package init(
        decidedAt: Date, localTime: String, rule: String?, destinations: [String], priority: ExamPriority?,
        hold: String?,
        outcomes: [RuleOutcome]
    ) {
        self.decidedAt = decidedAt
        self.localTime = localTime
        self.rule = rule
        self.destinations = destinations
        self.priority = priority
        self.hold = hold
        self.outcomes = outcomes
    }
}
