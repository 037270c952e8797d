// A destination as people see it, from its settings and from what waits for it in the journal.

import DICOMVocabulary
import Forwarding
import Foundation
import Journal

extension DestinationView {
    /// The circuit of one that the configuration no longer names and that something still waits for, or is held for.
    package static let unconfigured = HoldNotice.unconfigured

    package var isConfigured: Bool { circuit != Self.unconfigured }

    init(_ name: String, _ settings: DestinationSettings?, _ figures: DestinationFigures?, at now: Date) {
        let peer = settings?.peer
        self.init(
            name: name, role: settings?.role.rawValue ?? "", host: peer?.host ?? "", port: peer?.port ?? 0,
            calledAE: peer?.calledAE.string ?? "", tls: peer?.tls != nil, country: settings?.country ?? "",
            profile: settings?.profile.word ?? "", circuit: settings == nil ? Self.unconfigured : "unknown",
            retryAt: nil, lanes: settings?.lanes ?? 0, lanesActive: 0,
            waitingInstances: figures?.waitingInstances ?? 0,
            waitingTransfers: figures.map { $0.waitingTransfers + $0.activeTransfers } ?? 0,
            deferredTransfers: figures?.deferredTransfers ?? 0, heldTransfers: figures?.heldTransfers ?? 0,
            oldestWaitingSeconds: figures?.oldestWaitingSince.map { max(0, now.timeIntervalSince($0)) },
            lastAcknowledgedAt: figures?.lastAcknowledgedAt, lastFailure: figures?.lastFailure.map { Notice($0) })
    }

    /// What waits here waits for ever, unless somebody acts.
    var alarm: Notice? {
        let waiting = waitingTransfers + deferredTransfers
        guard !isConfigured, waiting > 0 else { return nil }
        return Notice(
            code: Self.unconfigured,
            detail:
                "\(waiting) \(waiting == 1 ? "transfer waits" : "transfers wait") for \(name), which is no longer configured",
            hint: "Put \(name) back into the configuration; antipode studies --needs-person says how else.")
    }
}

extension DestinationFigures {
    /// Something is still to be sent, or is held.
    var isOpen: Bool { waitingTransfers + activeTransfers + deferredTransfers + heldTransfers > 0 }
}
