// The dialogue with a report worker: it asks readers, looks into reports, restores and shows them.

package import DICOMVocabulary

/// Ask a reader for reports of one study (PS3.4 C.4: C-FIND at SERIES and IMAGE level, then C-GET or C-MOVE).
package struct PollJob: Sendable, Codable {
    package enum Method: String, Sendable, Codable { case get, move }
    package var peer: PeerAddress
    package var limits: AssociationLimits
    package var scan: ScanBounds
    package var spool: SpoolLocation
    package var method: Method
    /// For C-MOVE: our AE title, as the reader knows it.
    package var moveDestination: AETitle?
    /// The study as the reader knows it.
    package var study: UID
    /// SOP Instances that are here already.
    package var known: [UID]

    package init(
        peer: PeerAddress, limits: AssociationLimits, scan: ScanBounds, spool: SpoolLocation, method: Method,
        moveDestination: AETitle?, study: UID, known: [UID]
    ) {
        self.peer = peer
        self.limits = limits
        self.scan = scan
        self.spool = spool
        self.method = method
        self.moveDestination = moveDestination
        self.study = study
        self.known = known
    }
}

/// With C-GET each report comes as `instanceStored` and waits for its verdict; with C-MOVE it comes by the listener.
package struct PollOutcome: Sendable, Codable {
    package var found: Int
    package var fetched: Int

    package init(found: Int, fetched: Int) {
        self.found = found
        self.fetched = fetched
    }
}

package struct ReportFile: Sendable, Codable {
    package var spoolKey: String
    package var sopClass: UID
    package var transferSyntax: TransferSyntax
    package var spoolDirectory: String
    package var scan: ScanBounds

    package init(
        spoolKey: String, sopClass: UID, transferSyntax: TransferSyntax, spoolDirectory: String, scan: ScanBounds
    ) {
        self.spoolKey = spoolKey
        self.sopClass = sopClass
        self.transferSyntax = transferSyntax
        self.spoolDirectory = spoolDirectory
        self.scan = scan
    }
}

/// What a report says of whom and what it is about, as the reader knows them: pseudonyms only.
package struct ReportContents: Sendable, Codable, Hashable {
    package var sopInstance: UID
    package var study: UID
    package var patientID: String
    package var patientName: String
    package var accessionNumber: String
    /// Studies named by Current Requested Procedure Evidence (0040,A375) and Pertinent Other Evidence (0040,A385).
    package var evidenceStudies: [UID]
    /// Study Instance UIDs and accession numbers of Referenced Request Sequence (0040,A370).
    package var requestStudies: [UID]
    package var requestAccessionNumbers: [String]
    /// Every UID value in the data set that is not under the standard's root, once each.
    package var uids: [UID]
    /// Strings in text that have the shape of a token, good or damaged, once each.
    package var tokens: [String]
    /// Completion Flag (0040,A491), Verification Flag (0040,A493), Preliminary Flag (0040,A496); empty if absent.
    package var completion: String
    package var verification: String
    package var preliminary: String
    package var predecessors: [UID]

    package init(
        sopInstance: UID, study: UID, patientID: String, patientName: String, accessionNumber: String,
        evidenceStudies: [UID], requestStudies: [UID], requestAccessionNumbers: [String], uids: [UID],
        tokens: [String], completion: String, verification: String, preliminary: String, predecessors: [UID]
    ) {
        self.sopInstance = sopInstance
        self.study = study
        self.patientID = patientID
        self.patientName = patientName
        self.accessionNumber = accessionNumber
        self.evidenceStudies = evidenceStudies
        self.requestStudies = requestStudies
        self.requestAccessionNumbers = requestAccessionNumbers
        self.uids = uids
        self.tokens = tokens
        self.completion = completion
        self.verification = verification
        self.preliminary = preliminary
        self.predecessors = predecessors
    }
}

/// Another study of the same patient, sent to the same reader, that a report cites.
package struct CitedStudy: Sendable, Codable, Hashable {
    package var identity: StudyIdentity
    package var tokens: StudyTokens

    package init(identity: StudyIdentity, tokens: StudyTokens) {
        self.identity = identity
        self.tokens = tokens
    }
}

/// The way back for one report.
package struct RestoreJob: Sendable, Codable {
    package var report: ReportFile
    package var spool: SpoolLocation
    package var identity: StudyIdentity
    package var tokens: StudyTokens
    /// Whose order numbers may stand in the report beside the study's own.
    package var cited: [CitedStudy]
    package var uids: [UIDPair]

    package init(
        report: ReportFile, spool: SpoolLocation, identity: StudyIdentity, tokens: StudyTokens,
        cited: [CitedStudy] = [], uids: [UIDPair]
    ) {
        self.report = report
        self.spool = spool
        self.identity = identity
        self.tokens = tokens
        self.cited = cited
        self.uids = uids
    }
}

/// A restored report in the spool, durable.
package struct RestoreOutcome: Sendable, Codable {
    package var spoolKey: String
    package var dataSetBytes: Int64
    package var digest: String
    package var transferSyntax: TransferSyntax
    /// The study as the hospital knows it.
    package var study: UID
    package var replacedTokens: Int
    package var replacedUIDs: Int

    package init(
        spoolKey: String, dataSetBytes: Int64, digest: String, transferSyntax: TransferSyntax, study: UID,
        replacedTokens: Int, replacedUIDs: Int
    ) {
        self.spoolKey = spoolKey
        self.dataSetBytes = dataSetBytes
        self.digest = digest
        self.transferSyntax = transferSyntax
        self.study = study
        self.replacedTokens = replacedTokens
        self.replacedUIDs = replacedUIDs
    }
}

package struct EchoJob: Sendable, Codable {
    package var peer: PeerAddress
    package var limits: AssociationLimits

    package init(peer: PeerAddress, limits: AssociationLimits) {
        self.peer = peer
        self.limits = limits
    }
}

package struct EchoOutcome: Sendable, Codable {
    package var status: UInt16
    package var seconds: Double
    /// Protocol and cipher of TLS, or empty.
    package var tls: String

    package init(status: UInt16, seconds: Double, tls: String) {
        self.status = status
        self.seconds = seconds
        self.tls = tls
    }
}
