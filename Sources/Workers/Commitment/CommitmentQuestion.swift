// Asking a destination to commit, and telling a modality what came of it: one association of ours each.

import DICOMNetwork
import DICOMVocabulary
import WorkerProtocol

struct CommitmentQuestion {
    let job: CommitmentJob
    let channel: WorkerChannel

    /// The status of the N-ACTION-RSP.
    func run() throws(Failure) -> UInt16 {
        let association = try OutgoingAssociation(
            to: job.peer, limits: job.limits, proposals: OutgoingAssociation.commitmentProposals)
        do throws(Failure) {
            FaultPoint.pass("worker.commit.before-request")
            let status = try association.requestCommitment(job.request, bounds: job.scan, waiting: job.wait) {
                (report) throws(Failure) in
                try channel.send(.commitmentReported(report))
                guard case .verdict(let verdict) = try channel.receive()?.message else {
                    throw Failure(.workerDied, .tryAgain, .instance, detail: "the office gave no verdict")
                }
                return verdict.status
            }
            association.release()
            return status
        } catch {
            association.abort()
            throw error
        }
    }

    /// The status of the N-EVENT-REPORT-RSP.
    static func tell(_ news: CommitmentNews) throws(Failure) -> UInt16 {
        let association = try OutgoingAssociation(
            to: news.peer, limits: news.limits, proposals: OutgoingAssociation.commitmentProposals, asSCP: true)
        do throws(Failure) {
            let status = try association.reportCommitment(news.report)
            association.release()
            return status
        } catch {
            association.abort()
            throw error
        }
    }
}
