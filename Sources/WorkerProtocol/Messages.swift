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
    /// The UIDs of `uidsMapped` are durable in the vault; the instance may leave.
    case proceed
    case closeLane
    // Reports
    case poll(PollJob)
    case inspect(ReportFile)
    /// Read the identity from a file that the office's scanner cannot walk: a deflated one.
    case identify(ReportFile)
    case restore(RestoreJob)
    case render(ReportFile)
    case echo(EchoJob)
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
    case instanceStored(StoredInstance)
    case instanceRefused(InstanceRefusal)
    case associationEnded(AssociationEnd)
    // Sending
    case laneOpened(LaneOpened)
    /// UIDs that this worker maps for the first time, other than those the office can compute from its journal.
    case uidsMapped([UIDPair])
    case sent(SendOutcome)
    // Reports
    case polled(PollOutcome)
    case inspected(ReportContents)
    case identified(StudyIdentity)
    case restored(RestoreOutcome)
    case rendered(String)
    case echoed(EchoOutcome)
    /// The job, or the lane, could not be done.
    case failed(Failure)
}
