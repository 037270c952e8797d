// What is held of a study, looked at before a person is asked about it.

import DICOMVocabulary
import Foundation
import Gateway

/// A wrong study, or one of which nothing is held, is so told before a question about it is asked.
struct HeldFacts {
    private static let limit = 10_000

    let detail: StudyDetail
    let instances: [InstanceView]

    private var key: String { detail.study.key }

    static func of(_ study: String, _ options: DeskOptions) async throws -> HeldFacts {
        try await options.withDesk(acting: true) { desk in
            HeldFacts(
                detail: try await desk.study(study),
                instances: try await desk.instances(study, held: true, limit: limit))
        }
    }

    /// `3 instances of S12`, when a release says of pixels that they name nobody; nil when it says nothing of pixels.
    var unseenPixels: String? {
        let code = Failure.Code.pixelsMayIdentify.rawValue
        let count = Set(instances.filter { $0.failure?.code == code }.map(\.key)).count
        if count > 0 { return "\(Pages.counted(count, "instance")) of \(key)" }
        return detail.study.hold?.code == code ? "the images of \(key)" : nil
    }

    /// Throws what the daemon would answer where there is nothing to leave out.
    func questionOfLeavingOut() throws -> String {
        // What only waits for a commitment has arrived.
        let held = instances.filter { $0.failure?.code != Failure.Code.notCommitted.rawValue }
        guard !held.isEmpty else {
            throw ending(
                OperatorError(.notAllowed, "no instance of \(key) is held, so there is nothing to leave out"))
        }
        let count = Set(held.map(\.key)).count
        let codes = Set(held.compactMap(\.failure?.code)).sorted().joined(separator: ", ")
        let what = "Leave \(count) of \(Pages.counted(detail.study.instances, "instance")) of \(key) out (\(codes))?"
        return count < detail.study.instances
            ? "\(what) The reader will not get them."
            : "\(what) That is all of it: nothing is sent, and the study ends as cancelled."
    }

    func requireOpen() throws {
        guard ["receiving", "complete", "planned", "held"].contains(detail.study.state) else {
            throw ending(
                OperatorError(.notAllowed, "\(key) is \(detail.study.state), and that cannot be done to it now"))
        }
    }
}
