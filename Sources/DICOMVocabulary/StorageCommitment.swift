// Storage commitment (PS3.4 Annex J, PS3.3 C.14), edition 2026d: what both roles say to each other.

/// One object of a Referenced SOP Sequence (0008,1199).
package struct SOPReference: Hashable, Sendable, Codable {
    package var sopClass: UID
    package var sopInstance: UID

    package init(sopClass: UID, sopInstance: UID) {
        self.sopClass = sopClass
        self.sopInstance = sopInstance
    }
}

/// An N-ACTION: may these objects be forgotten by whoever asks?
package struct CommitmentRequest: Hashable, Sendable, Codable {
    /// Transaction UID (0008,1195), which the answer repeats.
    package var transaction: UID
    package var references: [SOPReference]

    package init(transaction: UID, references: [SOPReference]) {
        self.transaction = transaction
        self.references = references
    }
}

/// An N-EVENT-REPORT: what the SCP has committed to, and what not.
package struct CommitmentReport: Hashable, Sendable, Codable {
    package struct Refusal: Hashable, Sendable, Codable {
        package var reference: SOPReference
        /// Failure Reason (0008,1197).
        package var reason: UInt16

        package init(reference: SOPReference, reason: UInt16) {
            self.reference = reference
            self.reason = reason
        }
    }
    package var transaction: UID
    package var committed: [SOPReference]
    package var refused: [Refusal]

    package init(transaction: UID, committed: [SOPReference], refused: [Refusal]) {
        self.transaction = transaction
        self.committed = committed
        self.refused = refused
    }
}

/// The words and numbers of PS3.4 J.3 and PS3.3 C.14.1.1.
package enum StorageCommitment {
    /// Storage Commitment Push Model SOP Class, and its one well-known instance.
    package static let sopClass: UID = "1.2.840.10008.1.20.1"
    package static let sopInstance: UID = "1.2.840.10008.1.20.1.1"
    /// Action Type ID of "request storage commitment" (PS3.4 J.3.2.1).
    package static let requestAction: UInt16 = 1
    /// Event Type IDs (PS3.4 J.3.3.1): all committed; complete, but failures exist.
    package static let success: UInt16 = 1
    package static let failuresExist: UInt16 = 2
    /// More objects than this are asked for in several transactions.
    package static let maximumReferences = 2000
    /// More objects than this in one request of somebody else's are refused.
    package static let maximumAccepted = 50_000

    /// Failure Reason (0008,1197).
    package enum Reason {
        package static let processingFailure: UInt16 = 0x0110
        package static let noSuchObjectInstance: UInt16 = 0x0112
        package static let classInstanceConflict: UInt16 = 0x0119
        package static let referencedSOPClassNotSupported: UInt16 = 0x0122
        package static let duplicateTransactionUID: UInt16 = 0x0131
        package static let resourceLimitation: UInt16 = 0x0213

        package static func words(_ reason: UInt16) -> String {
            let text =
                switch reason {
                case processingFailure: "processing failure"
                case noSuchObjectInstance: "no such object instance"
                case classInstanceConflict: "class/instance conflict"
                case referencedSOPClassNotSupported: "referenced SOP class not supported"
                case duplicateTransactionUID: "duplicate transaction UID"
                case resourceLimitation: "resource limitation"
                default: "a reason that the standard does not list"
                }
            let digits = String(reason, radix: 16, uppercase: true)
            return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "H, " + text
        }
    }
}
