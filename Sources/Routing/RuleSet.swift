// The site's rules, and the decision. Pure: the clock is passed in.

package import Foundation

/// Rules in order; the first whose conditions are all met decides.
package struct RuleSet: Codable, Sendable, Hashable {
    /// What happens to an exam that no rule names. Nothing is sent either way.
    package enum Fallback: String, Codable, Sendable, Hashable, CaseIterable {
        /// A person is asked.
        case hold
        /// It is kept until the sweep; for sites whose modalities send everything and whose rules name what goes out.
        case keep
    }

    package var rules: [Rule]
    /// An IANA zone (`Europe/Stockholm`); weekdays and windows are of its clock.
    package var timeZone: TimeZone
    package var fallback: Fallback

    package init(rules: [Rule], timeZone: TimeZone, fallback: Fallback = .hold) {
        self.rules = rules
        self.timeZone = timeZone
        self.fallback = fallback
    }

    /// Whether any study may be sent while it still arrives.
    package var mayBeImmediate: Bool { rules.contains(where: \.immediate) }

    package static let noRuleReason = "No rule names this exam."

    /// Decides. `released` is true when a person has let the exam go on: then no rule holds it, and a rule that only
    /// holds is passed over.
    package func decide(_ exam: ExamSummary, at instant: Date, released: Bool = false) -> RoutingDecision {
        let clock = LocalClock(timeZone)
        let outcomes = rules.map { rule in
            let conditions = rule.conditions(exam, at: instant, clock)
            return RuleOutcome(rule: rule.name, matched: conditions.allSatisfy(\.isMet), conditions: conditions)
        }
        let taken = zip(rules, outcomes).first { rule, outcome in
            outcome.matched && !(released && rule.hold != nil && rule.to.isEmpty)
        }?.0
        let fallbackHold = fallback == .hold ? Self.noRuleReason : nil
        let hold = taken.map { released ? nil : $0.hold } ?? fallbackHold
        var destinations: [String] = []
        if let taken, hold == nil {
            for name in taken.to where !destinations.contains(name) { destinations.append(name) }
        }
        return RoutingDecision(
            decidedAt: instant, localTime: clock.description(of: instant), rule: taken?.name,
            destinations: destinations,
            priority: taken?.priority, hold: hold, outcomes: outcomes)
    }
}
