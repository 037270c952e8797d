// What a destination would get of a study, with nothing sent.

import DICOMVocabulary
import Forwarding
import Foundation
import Intake
import Journal
import Logging
import Vault
import WorkerProtocol

extension LiveDesk {
    private static let patience: Double = 120

    /// Computed in a worker. The look is written down in the vault's record and in the study's events before anything is
    /// shown; the values go to the terminal that asked, and nowhere else.
    func preview(_ key: String, destination name: String, instance: Int, actor: String) async throws -> PreviewView {
        let settings = settings()
        guard let destination = settings.destination(name) else {
            let known = settings.destinations.map(\.name).joined(separator: ", ")
            throw OperatorError(.invalid, "there is no destination \(name); there are \(known)")
        }
        guard case .pseudonymous(let options) = destination.profile else {
            throw OperatorError(.invalid, "\(name) gets studies with their identity: nothing is changed")
        }
        guard let study = try await journal.study(try number(key, "S")) else {
            throw OperatorError(.notFound, "there is no study \(key)")
        }
        let instances = try await journal.instances(study: study.id)
        guard instances.indices.contains(instance - 1) else {
            throw OperatorError(.notFound, "\(key) has \(instances.count) instances on disk, and no number \(instance)")
        }
        let chosen = instances[instance - 1]
        do {
            let vault = try planner().door.open()
            let identities = try await vault.identities(study: study.studyUID)
            guard let identity = identities.first else {
                throw OperatorError(.unavailable, "the vault does not know whose study \(key) is")
            }
            let space = destination.space
            try await vault.record(
                VaultAccess(
                    at: now(), actor: actor, action: .show, subject: study.key, found: identities.count,
                    reason: "preview to \(name)"))
            try await journal.record(
                event: EventRecord(
                    at: now(), kind: "previewed", detail: "instance \(instance) as \(name) would get it", actor: actor,
                    studyID: study.id))
            let job = PreviewJob(
                file: ReportFile(
                    spoolKey: chosen.spoolKey, sopClass: chosen.sopClass, transferSyntax: chosen.transferSyntax,
                    spoolDirectory: settings.spool, scan: settings.intake.scan, digest: chosen.digest),
                pseudonym: PseudonymJob(
                    options: options, tokens: try await vault.tokens(study: study.studyUID, scope: space),
                    uidKey: vault.uidKey(scope: space), identity: identity,
                    otherIdentities: Array(identities.dropFirst()), pixelsReleased: chosen.pixelsReleased),
                policy: destination.policy)
            guard case .previewed(let preview) = try await pool.ask(.preview(job), within: Self.patience) else {
                throw OperatorError(.unavailable, "a worker answered out of turn")
            }
            return PreviewView(
                study: study.key, destination: name, instance: instance, instances: instances.count,
                series: chosen.series.string, preview: preview)
        } catch let failure as Failure {
            throw OperatorError(.unavailable, failure.detail)
        }
    }
}
