// The dialogue with a receiving worker: one incoming association.

package import DICOMVocabulary

/// Comes with the accepted socket as ancillary data.
package struct ReceiveJob: Sendable, Codable {
    package var tls: TLSFiles?
    package var limits: AssociationLimits
    package var scan: ScanBounds
    package var spool: SpoolLocation

    package init(tls: TLSFiles?, limits: AssociationLimits, scan: ScanBounds, spool: SpoolLocation) {
        self.tls = tls
        self.limits = limits
        self.scan = scan
        self.spool = spool
    }
}

/// The office's yes. The worker chooses presentation contexts by it: Verification always, storage classes of the
/// standard always, others only when `unknownSOPClasses`.
package struct AssociationGrant: Sendable, Codable {
    package var unknownSOPClasses: Bool
    package var deflated: Bool
    /// Private transfer syntaxes, and those newer than our table.
    package var unknownSyntaxes: Bool
    /// An object that cannot be parsed is answered with this status (C000 unless the site says otherwise).
    package var maximumObject: Int64
    /// False for a peer that may only answer about storage commitment.
    package var storage: Bool
    /// The office is told of an object when its bytes are durable, and not while they are on their way.
    package var flushesFirst: Bool
    /// It may ask us to commit (we are SCP).
    package var commitmentRequests: Bool
    /// It may answer what we asked (it is SCP, also on an association that it opens).
    package var commitmentReports: Bool

    package init(
        unknownSOPClasses: Bool, deflated: Bool, unknownSyntaxes: Bool = false, maximumObject: Int64,
        storage: Bool = true, flushesFirst: Bool = false, commitmentRequests: Bool = false,
        commitmentReports: Bool = false
    ) {
        self.unknownSyntaxes = unknownSyntaxes
        self.unknownSOPClasses = unknownSOPClasses
        self.deflated = deflated
        self.maximumObject = maximumObject
        self.storage = storage
        self.flushesFirst = flushesFirst
        self.commitmentRequests = commitmentRequests
        self.commitmentReports = commitmentReports
    }
}

/// An instance that waits for its row. Its file's name is durable, and all bytes are here; they are durable too where
/// `AssociationGrant.flushesFirst` asks for it, and else on their way to the disk while the row is.
package struct StoredInstance: Sendable, Codable, Hashable {
    package var spoolKey: String
    package var sopClass: UID
    package var sopInstance: UID
    package var study: UID
    package var series: UID
    package var transferSyntax: TransferSyntax
    /// Length of the data set as it came, without preamble and file meta information.
    package var dataSetBytes: Int64
    /// XXH3-128 of the data set as it came, lower-case hex.
    package var digest: String
    package var header: InstanceHeader
    package var identity: StudyIdentity
    /// Message ID of the request, and whether the sender asked for it to be urgent (PS3.7 9.1.1, Priority).
    package var highPriority: Bool

    package init(
        spoolKey: String, sopClass: UID, sopInstance: UID, study: UID, series: UID, transferSyntax: TransferSyntax,
        dataSetBytes: Int64, digest: String, header: InstanceHeader, identity: StudyIdentity, highPriority: Bool
    ) {
        self.spoolKey = spoolKey
        self.sopClass = sopClass
        self.sopInstance = sopInstance
        self.study = study
        self.series = series
        self.transferSyntax = transferSyntax
        self.dataSetBytes = dataSetBytes
        self.digest = digest
        self.header = header
        self.identity = identity
        self.highPriority = highPriority
    }
}

/// What rules and pages need to know of one instance. Words of a header may name a patient all the same: the office
/// judges them before it keeps them.
package struct InstanceHeader: Sendable, Codable, Hashable {
    package var modality: String
    package var bodyPart: String
    /// Requested Procedure Priority (0040,1003), or empty: STAT, HIGH, ROUTINE, MEDIUM, LOW.
    package var priority: String

    package init(modality: String, bodyPart: String = "", priority: String = "") {
        self.modality = modality
        self.bodyPart = bodyPart
        self.priority = priority
    }
}

/// The office's answer to a StoredInstance: its row is committed, or why it is not.
package struct StoreVerdict: Sendable, Codable, Equatable {
    /// DIMSE status for the C-STORE-RSP (PS3.4 B.2.3).
    package var status: UInt16
    /// False for a duplicate or a refusal: the worker removes its file.
    package var keepFile: Bool

    package init(status: UInt16, keepFile: Bool) {
        self.status = status
        self.keepFile = keepFile
    }
}

/// An instance that the worker itself refused; nothing of it is kept.
package struct InstanceRefusal: Sendable, Codable {
    package var sopClass: UID
    package var sopInstance: UID
    /// The DIMSE status that was answered.
    package var status: UInt16
    package var failure: Failure

    package init(sopClass: UID, sopInstance: UID, status: UInt16, failure: Failure) {
        self.sopClass = sopClass
        self.sopInstance = sopInstance
        self.status = status
        self.failure = failure
    }
}

package struct AssociationEnd: Sendable, Codable {
    package enum Outcome: String, Sendable, Codable {
        case released, aborted, rejected, noCommonContext, timedOut, tooSlow, garbage, tlsFailed, connectionLost
    }
    package var outcome: Outcome
    package var instances: Int
    package var bytes: Int64
    package var detail: String

    package init(outcome: Outcome, instances: Int, bytes: Int64, detail: String) {
        self.outcome = outcome
        self.instances = instances
        self.bytes = bytes
        self.detail = detail
    }
}
