// From a scanned header to what the office is told.

import DICOMVocabulary
import WorkerProtocol

/// The checks of PS3.4 B.2.3 between a C-STORE-RQ and its data set. Pure.
struct HeaderReading {
    /// What the command said, with the identity that the caller will answer for.
    var sopClass: UID
    var sopInstance: UID

    static let wantedTags = StudyIdentity.wantedTags.union(InstanceHeader.wantedTags).union([
        .sopClassUID, .sopInstanceUID, .studyInstanceUID, .seriesInstanceUID,
    ])

    /// A refusal: the status to answer, and why.
    struct Refusal: Error {
        var status: UInt16
        var failure: Failure
    }

    /// The study and series of an instance that may be kept. A missing Patient ID is no reason to refuse: many never
    /// send again, and a person can see to it.
    func check(_ header: ScannedHeader) throws(Refusal) -> (study: UID, series: UID) {
        guard header.uid(.sopClassUID) == sopClass else {
            throw mismatch("SOP Class UID (0008,0016) is not that of the request")
        }
        guard header.uid(.sopInstanceUID) == sopInstance else {
            throw mismatch("SOP Instance UID (0008,0018) is not that of the request")
        }
        return (
            try present(header.uid(.studyInstanceUID), "Study Instance UID (0020,000D)"),
            try present(header.uid(.seriesInstanceUID), "Series Instance UID (0020,000E)")
        )
    }

    /// Before the data set is read: the UIDs of the command become part of journal rows and of other peers' requests.
    func checkCommand() throws(Refusal) {
        guard sopInstance.isValid else { throw mismatch("the request's SOP Instance UID is not valid (PS3.5 9.1)") }
        guard sopClass.isValid else { throw mismatch("the request's SOP Class UID is not valid (PS3.5 9.1)") }
    }

    private func mismatch(_ detail: String) -> Refusal {
        Refusal(
            status: DIMSEStatus.dataSetMismatch,
            failure: Failure(
                .dataSetMismatch, .refused, .instance, status: DIMSEStatus.dataSetMismatch, detail: detail,
                hint: "The sender makes objects that contradict themselves; have it corrected there."))
    }

    private func present(_ uid: UID?, _ name: String) throws(Refusal) -> UID {
        if let uid, uid.isValid { return uid }
        throw Refusal(
            status: DIMSEStatus.cannotUnderstand,
            failure: Failure(
                .identifiersMissing, .refused, .instance, status: DIMSEStatus.cannotUnderstand,
                detail: uid == nil ? "\(name) is missing" : "\(name) is not valid (PS3.5 9.1)",
                hint: "An object without it belongs to no study; have it corrected at the sender."))
    }
}
