// Does a peer answer?

import DICOMNetwork
import DICOMVocabulary
import WorkerProtocol

enum Echo {
    static func run(_ job: EchoJob) throws(Failure) -> EchoOutcome {
        let start = ContinuousClock.now
        let association = try OutgoingAssociation(
            to: job.peer, limits: job.limits,
            proposals: [
                (abstract: SOPClass.verification, transferSyntaxes: [.implicitVRLittleEndian], scpRole: false)
            ])
        do throws(Failure) {
            let status = try association.echo()
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let tls = association.tlsDescription
            association.release()
            return EchoOutcome(status: status, seconds: seconds, tls: tls)
        } catch {
            association.abort()
            throw error
        }
    }
}
