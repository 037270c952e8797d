import DICOMVocabulary
import Foundation
import Journal
import Testing

@testable import Forwarding

@Suite("What a refused commitment leads to")
struct CommitmentPolicyTests {
    private let settings = CommitmentSettings()
    private let start = Date(timeIntervalSince1970: 1_800_000_000)

    private func verdict(_ reason: UInt16) -> CommitmentVerdict {
        CommitmentPolicy.verdict(reason: reason, sopInstance: "1.2", destination: "pacs", settings)
    }

    @Test("What is not there is sent again, what may pass is asked again, the rest is for a person")
    func reasons() {
        guard case .sendAgain(let gone, maximum: 2) = verdict(0x0112) else {
            Issue.record("0112H is sent again")
            return
        }
        #expect(gone.code == .notCommitted && gone.status == 0x0112 && gone.detail.contains("no such object instance"))
        for reason: UInt16 in [0x0110, 0x0213, 0x0131] {
            guard case .askAgain = verdict(reason) else {
                Issue.record("\(reason) is asked again")
                continue
            }
        }
        for reason: UInt16 in [0x0119, 0x0122, 0x4711] {
            guard case .held(let failure) = verdict(reason), failure.disposition == .person, !failure.hint.isEmpty
            else {
                Issue.record("\(reason) is held")
                continue
            }
        }
    }

    @Test("Questions come more and more seldom, and end with the site's patience")
    func schedule() {
        func next(failures: Int, after seconds: Double) -> Double? {
            CommitmentPolicy.next(
                after: start.addingTimeInterval(seconds), since: start, failures: failures, settings,
                retry: RetrySettings(), draw: 0.999
            ).map { $0.timeIntervalSince(start) - seconds }
        }
        let pauses = (1...12).compactMap { next(failures: $0, after: 100) }
        #expect(pauses == pauses.sorted() && pauses.count == 12 && pauses[0] <= 5 && pauses[11] <= 600)
        #expect(next(failures: 1, after: settings.giveUp - 1) != nil)
        #expect(next(failures: 1, after: settings.giveUp) == nil)
    }
}
