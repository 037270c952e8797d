// One rule of the site: conditions and what follows.

package import DICOMVocabulary
internal import Foundation

/// Conditions that must all be met, and where the exam then goes. An empty condition is met by every exam.
package struct Rule: Codable, Sendable, Hashable {
    package var name: String
    /// Names of sources in the configuration.
    package var sources: [String] = []
    package var calledAEs: [AETitle] = []
    /// Met when one of the exam's is among them; upper and lower case are the same.
    package var modalities: [String] = []
    package var bodyParts: [String] = []
    /// Met when one of the patterns matches the whole description.
    package var studyDescriptions: [Glob] = []
    package var priorities: [ExamPriority] = []
    /// The day on which a window begins, so that Friday's night lasts into Saturday.
    package var weekdays: [Weekday] = []
    /// Empty means the whole day, from midnight.
    package var windows: [TimeWindow] = []

    /// Names of destinations; each gets the exam.
    package var to: [String] = []
    /// Sends it with this priority instead of its own.
    package var priority: ExamPriority?
    /// Why a person has to look before it goes; nil sends it at once.
    package var hold: String?
    /// Sends it while it still arrives, by what its first images say.
    package var immediate = false

    package init(name: String, to: [String] = []) {
        self.name = name
        self.to = to
    }

    /// Judges every condition that the rule names.
    func conditions(_ exam: ExamSummary, at instant: Date, _ clock: LocalClock) -> [ConditionOutcome] {
        var outcomes: [ConditionOutcome] = []
        func judge(_ name: String, _ wanted: [String], _ found: [String], _ isMet: Bool? = nil) {
            guard !wanted.isEmpty else { return }
            let folded = Set(wanted.map { $0.uppercased() })
            let met = isMet ?? found.contains { folded.contains($0.uppercased()) }
            outcomes.append(ConditionOutcome(condition: name, isMet: met, wanted: wanted, found: found))
        }
        // Names of sources and AE titles are told apart by case; modalities and body parts are CS, always capitals.
        judge("source", sources, [exam.source], sources.contains(exam.source))
        judge("called AE title", calledAEs.map(\.string), [exam.calledAE.string], calledAEs.contains(exam.calledAE))
        judge("modality", modalities, exam.modalities)
        judge("body part", bodyParts, exam.bodyParts)
        // Descriptions are free text, where a name can stand: a decision does not repeat what was found.
        judge(
            "study description", studyDescriptions.map(\.description), [],
            studyDescriptions.contains { $0.matches(exam.studyDescription) })
        judge("priority", priorities.map(\.rawValue), [exam.priority.rawValue])
        let days = weekdays.isEmpty ? Set(Weekday.allCases) : Set(weekdays)
        let local = [clock.description(of: instant)]
        if windows.isEmpty {
            judge(
                "weekday", weekdays.map(\.rawValue), local, days.contains(clock.weekday(ofDay: clock.day(at: instant))))
        } else {
            let wanted = windows.map {
                weekdays.map(\.rawValue).joined(separator: ",") + (weekdays.isEmpty ? "" : " ") + "\($0)"
            }
            judge("time", wanted, local, windows.contains { clock.isInside($0, on: days, at: instant) })
        }
        return outcomes
    }
}
