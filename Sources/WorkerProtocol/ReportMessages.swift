// The dialogue with a report worker: it asks readers, looks into reports, restores and shows them.

package import DICOMVocabulary
package import FoundationEssentials

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
    /// Series that the reader has from us.
    package var ownSeries: [UID]
    /// Reports of one study: more is a mistake of somebody's.
    package var maximumReports: Int

    package init(
        peer: PeerAddress, limits: AssociationLimits, scan: ScanBounds, spool: SpoolLocation, method: Method,
        moveDestination: AETitle?, study: UID, known: [UID], ownSeries: [UID] = [],
        maximumReports: Int
    ) {
        self.peer = peer
        self.limits = limits
        self.scan = scan
        self.spool = spool
        self.method = method
        self.moveDestination = moveDestination
        self.study = study
        self.known = known
        self.ownSeries = ownSeries
        self.maximumReports = maximumReports
    }
}

/// With C-GET each report comes as `instanceStored` and waits for its verdict; with C-MOVE it comes by the listener.
package struct PollOutcome: Sendable, Codable {
    package var found: Int
    package var fetched: Int
    /// Reports that the reader named and did not give, and why; the others were asked for all the same.
    package var refused: [RefusedReport]
    /// Why a part of the reader's answer could not be used, where it concerns no report by name.
    package var failure: Failure?

    package init(found: Int, fetched: Int, refused: [RefusedReport] = [], failure: Failure? = nil) {
        self.found = found
        self.fetched = fetched
        self.refused = refused
        self.failure = failure
    }
}

package struct RefusedReport: Sendable, Codable {
    package var sopInstance: UID
    package var failure: Failure

    package init(sopInstance: UID, failure: Failure) {
        self.sopInstance = sopInstance
        self.failure = failure
    }
}

package struct ReportFile: Sendable, Codable {
    package var spoolKey: String
    package var sopClass: UID
    package var transferSyntax: TransferSyntax
    package var spoolDirectory: String
    package var scan: ScanBounds
    /// Of the data set as it was stored (`Digest`): what is on the disk is compared with it before it is believed.
    package var digest: String

    package init(
        spoolKey: String, sopClass: UID, transferSyntax: TransferSyntax, spoolDirectory: String, scan: ScanBounds,
        digest: String
    ) {
        self.digest = digest
        self.spoolKey = spoolKey
        self.sopClass = sopClass
        self.transferSyntax = transferSyntax
        self.spoolDirectory = spoolDirectory
        self.scan = scan
    }
}

/// A piece of the document inside a report, from `offset` on.
package struct DocumentJob: Sendable, Codable {
    package var report: ReportFile
    package var offset: Int

    package init(report: ReportFile, offset: Int) {
        self.report = report
        self.offset = offset
    }
}

package struct DocumentPart: Sendable, Codable {
    /// Bytes of one piece, so that its message stays below `Framing.maximumLength`.
    package static let maximumLength = 8 << 20

    package var mimeType: String
    /// Bytes of the whole document.
    package var total: Int
    package var bytes: Data

    package init(mimeType: String, total: Int, bytes: Data) {
        self.mimeType = mimeType
        self.total = total
        self.bytes = bytes
    }
}

/// What a report says of whom and what it is about, as the reader knows them.
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
    /// Images that evidence lists under `study`.
    package var evidenceInstances: [UID] = []
    /// Every UID value in the data set that is not under the standard's root, and those of the form of a pseudonym in text,
    /// private values and documents, once each.
    package var uids: [UID]
    /// Strings in text that have the shape of a token, good or damaged, once each.
    package var tokens: [String]
    /// Whether it says of itself that it is an addendum: by its title, or by a heading (CID 7000, CID 7001).
    package var isAddendum = false
    /// Whether it is a document inside an object, which has no flags but that of its verification (PS3.3 C.24.2).
    package var isDocument = false
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
    package var policy: RestorePolicy
    /// The reader knows the patient: nothing is put back, and the report goes home as it came.
    package var isIdentified: Bool

    package init(
        report: ReportFile, spool: SpoolLocation, identity: StudyIdentity, tokens: StudyTokens,
        cited: [CitedStudy] = [], uids: [UIDPair], policy: RestorePolicy = RestorePolicy(), isIdentified: Bool = false
    ) {
        self.isIdentified = isIdentified
        self.report = report
        self.spool = spool
        self.identity = identity
        self.tokens = tokens
        self.cited = cited
        self.uids = uids
        self.policy = policy
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
    /// What could not be done, or had to be changed, for the history: fixed words and tags.
    package var notes: [String]

    package init(
        spoolKey: String, dataSetBytes: Int64, digest: String, transferSyntax: TransferSyntax, study: UID,
        replacedTokens: Int, replacedUIDs: Int, notes: [String] = []
    ) {
        self.spoolKey = spoolKey
        self.dataSetBytes = dataSetBytes
        self.digest = digest
        self.transferSyntax = transferSyntax
        self.study = study
        self.replacedTokens = replacedTokens
        self.replacedUIDs = replacedUIDs
        self.notes = notes
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
