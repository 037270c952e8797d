// Step 4: when is a study whole?

/// Decides when studies are complete, from what arrives and from the clock. Pure: the caller acts on what `tick` returns.
///
/// A study is complete when its quiet period has passed since its last instance and no open association sends it. An
/// association sends the study of its latest instance; it holds it for at most `patience` quiet periods, because some
/// modalities keep an association open for hours. Times are of a clock that does not jump. After a restart each study
/// that was being received is entered again with `arrived`, and waits one quiet period more.
package struct Assembly<Study: Hashable & Sendable, Association: Hashable & Sendable>: Sendable {
    package typealias Instant = ContinuousClock.Instant

    private struct Open {
        var last: Instant
        var quiet: Duration
        var senders: Set<Association> = []
    }

    private var studies: [Study: Open] = [:]
    private var sending: [Association: Study] = [:]
    /// Quiet periods after which a study whose sender still has its association open, and sends nothing, is complete too.
    package var patience: Int

    package init(patience: Int) { self.patience = patience }

    package var isEmpty: Bool { studies.isEmpty }
    /// Whether the study is being received.
    package func isWaiting(_ study: Study) -> Bool { studies[study] != nil }
    package var waiting: [Study] { Array(studies.keys) }

    /// An instance of the study is durable. `association` is nil when nobody is sending it any more (a restart).
    /// - Parameter quiet: seconds, by the source's settings for the instance's modality; the longest seen counts.
    /// - Returns: when the first of those that this concerns is complete, if nothing more comes: the study, and the one that the
    ///   association sent before.
    @discardableResult
    package mutating func arrived(
        _ study: Study, from association: Association?, quiet: Double, at time: Instant
    ) -> Instant {
        let quiet = Duration.seconds(max(0, quiet))
        var open = studies[study] ?? Open(last: time, quiet: quiet)
        open.last = max(open.last, time)
        open.quiet = max(open.quiet, quiet)
        let previous = association.flatMap { sending[$0] }
        studies[study] = open
        guard let association, previous != study else { return due(open) }
        open.senders.insert(association)
        studies[study] = open
        sending[association] = study
        guard let previous, var left = studies[previous] else { return due(open) }
        left.senders.remove(association)
        studies[previous] = left
        return min(due(open), due(left))
    }

    /// Bytes of an object are moving; most likely it belongs to the same study as the one before.
    package mutating func active(_ association: Association, at time: Instant) {
        guard let study = sending[association], let open = studies[study] else { return }
        studies[study]?.last = max(open.last, time)
    }

    package mutating func closed(_ association: Association) {
        guard let study = sending.removeValue(forKey: association) else { return }
        studies[study]?.senders.remove(association)
    }

    /// A person, or a rule, does not wait. Returns false when the study is not being received.
    package mutating func completeNow(_ study: Study) -> Bool {
        guard let open = studies.removeValue(forKey: study) else { return false }
        for association in open.senders { sending.removeValue(forKey: association) }
        return true
    }

    /// The studies that are complete by now, those that waited longest first. They are forgotten here: a later instance
    /// is the beginning of a follow-up.
    package mutating func tick(at time: Instant) -> [Study] {
        let complete = studies.filter { due($0.value) <= time }.sorted { $0.value.last < $1.value.last }.map(\.key)
        for study in complete { _ = completeNow(study) }
        return complete
    }

    /// When `tick` can next have something to say, if nothing happens before.
    package var nextTick: Instant? { studies.values.map(due).min() }

    private func due(_ open: Open) -> Instant {
        open.last + (open.senders.isEmpty ? open.quiet : open.quiet * max(1, patience))
    }
}
