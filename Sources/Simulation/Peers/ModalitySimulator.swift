// A modality that pushes.

import DICOMNetwork
package import DICOMVocabulary
import Foundation
import Synchronization

/// Sends a folder of DICOM files, or a synthetic study, by C-STORE: data sets as they are, byte for byte.
///
/// `run` blocks until everything was tried once; each association has a thread of its own.
package final class ModalitySimulator: Sendable {
    package enum Cargo: Sendable {
        /// Part 10 files anywhere under the folder; other files are passed over.
        case folder(String)
        case synthetic(SyntheticStudy)
    }

    package struct Options: Sendable {
        package var peer: PeerAddress
        package var cargo: Cargo
        /// Objects a second over all associations; nil is as fast as the peer answers.
        package var rate: Double?
        package var associations = 1
        package var limits = AssociationLimits()
        package var highPriority = false
        /// Lines name the patient of a synthetic study.
        package var showsIdentity = false

        package init(peer: PeerAddress, cargo: Cargo) {
            self.peer = peer
            self.cargo = cargo
        }
    }

    /// How many objects ended how.
    package struct Outcome: Sendable, Equatable {
        /// Answered with Success (0000) or a warning (Bxxx, 0107, 0116, 0111).
        package var stored = 0
        package var refused = 0
        /// Without an answer: no connection, no presentation context, an abort.
        package var failed = 0

        package var isComplete: Bool { refused == 0 && failed == 0 }

        mutating func count(stored isStored: Bool) {
            if isStored { stored += 1 } else { refused += 1 }
        }
    }

    /// What the lanes share.
    final class Progress: Sendable {
        private let state = Mutex((next: 0, outcome: Outcome()))

        func next() -> Int {
            state.withLock { state in
                defer { state.next += 1 }
                return state.next
            }
        }

        func count(stored: Bool) { state.withLock { $0.outcome.count(stored: stored) } }
        func countFailure() { state.withLock { $0.outcome.failed += 1 } }
        var outcome: Outcome { state.withLock { $0.outcome } }
    }

    let options: Options
    let report: SimulationReport

    /// - Parameter report: gets one line for each object that was not stored, and a summary.
    package init(_ options: Options, report: @escaping SimulationReport) {
        self.options = options
        self.report = report
    }

    @discardableResult
    package func run(until stop: StopSignal = StopSignal()) throws(Failure) -> Outcome {
        let started = ContinuousClock.now
        let parcels = try parcels()
        guard !parcels.isEmpty else {
            throw Failure(
                .missingFile, .person, .instance, detail: "there is no DICOM file to send",
                hint: "name a folder that holds Part 10 files")
        }
        if case .synthetic(let study) = options.cargo {
            let patient = study.options.patient
            let identity = options.showsIdentity ? ", patient \(patient.name), ID \(patient.identifier)" : ""
            report("sends study \(study.study), \(parcels.count) objects\(identity)")
        }
        let progress = Progress()
        let lanes = min(max(options.associations, 1), parcels.count)
        let group = DispatchGroup()
        for _ in 0..<lanes {
            group.enter()
            let thread = Thread { [self] in
                lane(parcels, progress, stop, started)
                group.leave()
            }
            thread.stackSize = 4 << 20
            thread.start()
        }
        group.wait()
        var outcome = progress.outcome
        // What no lane came to, because the peer could not be reached or somebody said stop.
        outcome.failed = parcels.count - outcome.stored - outcome.refused
        let seconds = started.duration(to: .now) / .seconds(1)
        report(
            """
            sent \(outcome.stored) of \(parcels.count) objects in \(Self.rounded(seconds)) s, \
            \(outcome.refused) refused, \(outcome.failed) failed
            """)
        return outcome
    }
}
