// What a lane was told once for all images of a study.

import DICOMVocabulary
import WorkerProtocol

/// The pseudonym of the last job, for jobs that lean on it. Pure.
struct PseudonymMemory {
    private var last: PseudonymJob?

    /// Fails closed: a job that leans on what was never told would send an identity.
    mutating func whole(_ job: SendJob) throws(Failure) -> SendJob {
        guard job.pseudonymIsAsBefore else {
            last = job.pseudonym
            return job
        }
        guard let last else {
            throw Failure(.unexpected, .person, .instance, detail: "a job names a pseudonym that was not told")
        }
        var whole = job
        whole.pseudonym = last
        whole.pseudonymIsAsBefore = false
        return whole
    }
}
