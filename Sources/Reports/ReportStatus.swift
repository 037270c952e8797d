// What a report says of its own worth (PS3.3 C.17.2), and whether the site wants it so.

package import DICOMVocabulary
package import WorkerProtocol

/// Completeness, verification and preliminary flag are independent of one another in the standard, and VERIFIED alone says
/// little: of 91 public reports three are verified. So each has a switch of its own for each reader, and none of them is
/// changed: what is delivered says of itself what it said before.
package struct ReportStatus: Sendable, Hashable {
    package enum Standing: String, Sendable, Codable, CaseIterable {
        case unknown, partial, preliminary, unverified, final
    }
    /// How it stands to a report that came before.
    package enum Relation: String, Sendable, Codable, CaseIterable {
        case original
        /// It names a predecessor and says that it is an addendum.
        case addendum
        /// It names a predecessor in whose place it comes.
        case replacement
    }

    package let isPartial: Bool
    package let isPreliminary: Bool
    package let isUnverified: Bool
    package let relation: Relation
    /// A flag whose word is none of the standard's: nobody knows what it means, and nobody takes it for final.
    package let unknownFlag: String?

    package init(_ report: ReportContents) {
        // A structured report must say that it is complete and verified (Type 1).
        isPartial = report.completion == "PARTIAL" || report.completion.isEmpty && !report.isDocument
        isPreliminary = report.preliminary == "PRELIMINARY"
        isUnverified = report.verification == "UNVERIFIED" || report.verification.isEmpty && !report.isDocument
        unknownFlag = Self.unknownFlag(of: report)
        relation = report.predecessors.isEmpty ? .original : report.isAddendum ? .addendum : .replacement
    }

    private static func unknownFlag(of report: ReportContents) -> String? {
        let flags = [
            ("Completion Flag (0040,A491)", report.completion, ["PARTIAL", "COMPLETE"]),
            ("Verification Flag (0040,A493)", report.verification, ["UNVERIFIED", "VERIFIED"]),
            ("Preliminary Flag (0040,A496)", report.preliminary, ["PRELIMINARY", "FINAL"]),
        ]
        return flags.first { !$0.1.isEmpty && !$0.2.contains($0.1) }?.0
    }

    /// The first of them that keeps it from being final.
    package var standing: Standing {
        unknownFlag != nil
            ? .unknown : isPartial ? .partial : isPreliminary ? .preliminary : isUnverified ? .unverified : .final
    }

    /// Fails with `.reportIncomplete`, which a release answers, for what the site does not want without a person's look.
    package func judge(_ settings: ReportSettings) throws(Failure) {
        if let unknownFlag {
            throw Self.hold(
                "the standard has no such word for its \(unknownFlag)", "Ask the reader what it means, or release it.")
        }
        if isPartial, !settings.deliverPartial {
            throw Self.hold(
                "its Completion Flag (0040,A491) is PARTIAL or missing", "Wait for the complete one, or release it.")
        }
        if isPreliminary, !settings.deliverPreliminary {
            throw Self.hold(
                "its Preliminary Flag (0040,A496) is PRELIMINARY", "Wait for the final one, or release it.")
        }
        if isUnverified, !settings.deliverUnverified {
            throw Self.hold(
                "its Verification Flag (0040,A493) is UNVERIFIED or missing",
                "Wait for the verified one, or release it.")
        }
        if relation != .original, !settings.deliverAmended {
            throw Self.hold("it amends a report that came before (0040,A360)", "Read both, then release it.")
        }
    }

    private static func hold(_ detail: String, _ hint: String) -> Failure {
        Failure(.reportIncomplete, .person, .instance, detail: detail, hint: hint)
    }
}
