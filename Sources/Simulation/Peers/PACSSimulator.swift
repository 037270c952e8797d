// A hospital's PACS, as far as a gateway sees it.

import DICOMNetwork
package import DICOMVocabulary

/// Stores every object that comes into a folder and answers C-ECHO.
///
///     let simulator = try PACSSimulator(options)
///     simulator.run(until: stop)
///
/// `run` blocks its thread until the signal; each association has a thread of its own.
package final class PACSSimulator: Sendable {
    package struct Options: Sendable {
        package var face: PeerFace
        package var folder: String
        package var misbehaviour = Misbehaviour()
        /// Lines name the patient.
        package var showsIdentity = false

        package init(face: PeerFace, folder: String) {
            self.face = face
            self.folder = folder
        }
    }

    private let options: Options
    private let server: AssociationServer
    private let receiver: ObjectReceiver
    private let report: SimulationReport

    /// The port that is bound, also when 0 was asked for.
    package var port: Int { server.port }

    /// Binds the port. - Parameter report: gets one line for each object.
    package init(_ options: Options, report: @escaping SimulationReport) throws(Failure) {
        self.options = options
        self.report = report
        receiver = try ObjectReceiver(
            folder: options.folder, misbehaviour: options.misbehaviour, limits: options.face.limits,
            index: HoldingIndex())
        server = try AssociationServer(
            address: options.face.address, port: options.face.port, maximum: options.face.maximumAssociations)
    }

    package func run(until stop: StopSignal) {
        server.run(until: stop) { [self] socket in
            do throws(Failure) {
                try serve(socket)
            } catch {
                report("association ended: \(error.code.rawValue), \(error.detail)")
            }
        }
    }

    private func serve(_ socket: CInt) throws(Failure) {
        let session = try PeerSession(socket: socket, face: options.face, archive: nil)
        var stored = 0
        while let command = try session.next() {
            guard case .store(let store) = command else { continue }
            let kept = try receiver.receive(store, on: session.association, stored: stored)
            stored += 1
            guard let kept else {
                report("refused an object of \(store.sopClass)")
                continue
            }
            report("stored \(kept.summary)" + (options.showsIdentity ? kept.identity : ""))
        }
    }
}
