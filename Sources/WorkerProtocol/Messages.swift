// Everything that office and workshop say to each other.

package import DICOMVocabulary

/// From the office to a worker.
package enum OfficeMessage: Sendable, Codable {
    // Receiving
    case receive(ReceiveJob)
    case accept(AssociationGrant)
    case reject(AssociationRejection)
    case verdict(StoreVerdict)
    // Sending
    case openLane(LaneJob)
    case send(SendJob)
    /// The UIDs of `uidsMapped` are durable in the vault, and it is written down that the exam leaves: it may.
    case proceed
    /// A C-ECHO on a lane that rests, so that nobody on the road forgets it; answered with `keptAlive`.
    case keepAlive
    case closeLane
    // Reports
    case poll(PollJob)
    case inspect(ReportFile)
    /// Read the identity from a file that the office's scanner cannot walk: a deflated one.
    case identify(ReportFile)
    case restore(RestoreJob)
    case render(ReportFile)
    case readDocument(DocumentJob)
    case echo(EchoJob)
    case preview(PreviewJob)
    // Storage commitment
    case askCommitment(CommitmentJob)
    case tellCommitment(CommitmentNews)
    /// To `commitmentAwaited`: nil when it is not known yet.
    case commitmentAnswer(CommitmentReport?)
    /// Finish what runs, then exit.
    case stop
}

/// From a worker to the office.
package enum WorkerMessage: Sendable, Codable {
    /// Stands in the pool, or is back in it.
    case ready
    /// Bytes read or written since the association began: a sign of life, at most one a second.
    case progress(bytes: Int64)
    // Receiving
    case associationRequested(AssociationRequest)
    /// An object begins: its SOP Instance UID as the request has it. What a worker holds that dies.
    case instanceBegun(UID)
    case instanceStored(StoredInstance)
    /// Of the one before: its file could not be made durable, and is set aside. Its row is to go, whatever the verdict was.
    case instanceNotDurable(spoolKey: String, InstanceRefusal)
    case instanceRefused(InstanceRefusal)
    case associationEnded(AssociationEnd)
    // Sending
    /// The connection of a lane stands, over a road of so many seconds there and back. Negotiation follows.
    case laneConnected(roundTrip: Double)
    case laneOpened(LaneOpened)
    /// UIDs that this worker maps for the first time, other than those the office can compute from its journal.
    case uidsMapped([UIDPair])
    case sent(SendOutcome)
    case keptAlive
    /// The peer ended the association while nothing was under way. What the office had said meanwhile is not done.
    case laneClosed
    // Reports
    case polled(PollOutcome)
    case inspected(ReportContents)
    case identified(StudyIdentity)
    case restored(RestoreOutcome)
    case rendered(String)
    /// nil where the report holds no document.
    case documentRead(DocumentPart?)
    case echoed(EchoOutcome)
    case previewed(InstancePreview)
    // Storage commitment
    /// A modality asks; a `verdict` gives the status of the N-ACTION-RSP.
    case commitmentRequested(CommitmentRequest)
    /// A destination answers; a `verdict` gives the status of the N-EVENT-REPORT-RSP.
    case commitmentReported(CommitmentReport)
    /// The modality that asked waits on its association: is there an answer?
    case commitmentAwaited(UID)
    /// It was told there, and answered with this status.
    case commitmentTold(UID, status: UInt16)
    /// The end of a job of ours: the peer's status of the N-ACTION or of the N-EVENT-REPORT.
    case commitmentSettled(status: UInt16)
    /// The job, or the lane, could not be done.
    case failed(Failure)
}
