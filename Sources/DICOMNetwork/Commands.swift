// The messages of the DIMSE-C services (PS3.7 section 9.3) as values.

package import DICOMVocabulary

/// A presentation context that both sides agreed on.
package struct AcceptedContext: Hashable, Sendable {
    package let id: UInt8
    package let abstractSyntax: UID
    package let transferSyntax: TransferSyntax
}

/// C-ECHO-RQ.
package struct EchoCommand: Hashable, Sendable {
    package let messageID: UInt16
    package let context: AcceptedContext
}

/// C-STORE-RQ; its data set follows.
package struct StoreCommand: Hashable, Sendable {
    package let messageID: UInt16
    package let context: AcceptedContext
    /// As the command says; admission compares them with the data set.
    package let sopClass: UID
    package let sopInstance: UID
    /// 0 medium, 1 high, 2 low.
    package let priority: UInt16
    package let moveOriginator: String?
    package let moveOriginatorMessageID: UInt16?

    package var transferSyntax: TransferSyntax { context.transferSyntax }
    package var isHighPriority: Bool { priority == 1 }
}

/// C-FIND-RQ, C-GET-RQ or C-MOVE-RQ; its identifier follows.
package struct QueryCommand: Hashable, Sendable {
    package let messageID: UInt16
    package let context: AcceptedContext
    package let model: UID
    package let priority: UInt16
    /// Of C-MOVE, else empty.
    package let destination: String

    package var transferSyntax: TransferSyntax { context.transferSyntax }
}

/// N-ACTION-RQ or N-EVENT-REPORT-RQ (PS3.7 10.1.1 and 10.1.4); its data set follows, if it has one.
package struct NotificationCommand: Hashable, Sendable {
    package let messageID: UInt16
    package let context: AcceptedContext
    package let sopClass: UID
    package let sopInstance: UID
    /// Action Type ID or Event Type ID.
    package let type: UInt16
    package let hasDataSet: Bool
}

/// What comes next on an incoming association.
package enum IncomingCommand: Sendable {
    case action(NotificationCommand)
    case eventReport(NotificationCommand)
    case echo(EchoCommand)
    case store(StoreCommand)
    case find(QueryCommand)
    case get(QueryCommand)
    case move(QueryCommand)
    /// C-CANCEL-RQ for this message.
    case cancel(UInt16)
    /// The release is acknowledged already.
    case released
    case aborted
}

/// Counters of C-GET and C-MOVE responses (PS3.7 9.1.3 and 9.1.4).
package struct SubOperations: Hashable, Sendable {
    package var remaining: Int
    package var completed: Int
    package var failed: Int
    package var warning: Int

    package init(remaining: Int = 0, completed: Int = 0, failed: Int = 0, warning: Int = 0) {
        self.remaining = remaining
        self.completed = completed
        self.failed = failed
        self.warning = warning
    }
}

/// A piece of a data set that is sent as it is.
package enum DataSetPart: Sendable {
    case bytes([UInt8])
    /// Read with pread(2), a PDU at a time.
    case file(CInt, offset: Int64, length: Int64)
    /// Sent from where it stands.
    case memory(ObjectMemory, offset: Int64, length: Int64)

    package var count: Int64 {
        switch self {
        case .bytes(let bytes): Int64(bytes.count)
        case .file(_, _, let length), .memory(_, _, let length): length
        }
    }
}
