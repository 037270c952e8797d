// A report on its way to whoever sent the images.

import DICOMNetwork
import DICOMVocabulary
import Glibc

extension ReaderSimulator {
    /// Tries a few times, since a gateway may be restarting. Blocking; runs on the thread that writes reports.
    func push(_ instance: SyntheticInstance, to peer: PeerAddress) {
        for attempt in 1...5 {
            do throws(Failure) {
                let association = try OutgoingAssociation(
                    to: peer, limits: options.face.limits,
                    proposals: [(instance.sopClass, [instance.transferSyntax], false)])
                let status = try association.store(
                    sopClass: instance.sopClass, sopInstance: instance.sopInstance,
                    transferSyntax: instance.transferSyntax, parts: [.bytes(instance.dataSet)])
                association.release()
                report("pushed report \(instance.sopInstance), status \(ModalitySimulator.hex(status))")
                return
            } catch {
                report("report \(instance.sopInstance) was not pushed: \(error.code.rawValue), \(error.detail)")
            }
            sleep(UInt32(attempt * 2))
        }
    }
}
