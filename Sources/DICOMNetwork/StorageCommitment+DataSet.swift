// The data sets of storage commitment (PS3.4 Tables J.3-1 and J.3-2).

internal import DICOM
package import DICOMVocabulary

extension CommitmentRequest {
    /// Fails with `.unreadable` for what is not a request: no transaction, no objects, too many of them.
    package init(bytes: [UInt8], transferSyntax: TransferSyntax, bounds: ScanBounds) throws(Failure) {
        let root = try DataSet(bytes: bytes, transferSyntax: transferSyntax, bounds: bounds).root
        self.init(
            transaction: try root.transaction(), references: try root.references(.referencedSOPSequence))
        guard !references.isEmpty else { throw .notCommitment("it names no object") }
    }

    package func encoded(as transferSyntax: TransferSyntax) throws(Failure) -> [UInt8] {
        let dataSet = DataSet()
        try dataSet.root.set(.transactionUID, .UI, text: transaction.string)
        for one in references { try dataSet.root.add(one, to: .referencedSOPSequence) }
        return try dataSet.encoded(as: transferSyntax)
    }
}

extension CommitmentReport {
    /// A report of success whose data set lists failures is believed for its failures.
    package init(
        bytes: [UInt8], transferSyntax: TransferSyntax, bounds: ScanBounds, event: UInt16
    ) throws(Failure) {
        let root = try DataSet(bytes: bytes, transferSyntax: transferSyntax, bounds: bounds).root
        var refused: [Refusal] = []
        for item in root[.failedSOPSequence]?.items ?? [] {
            guard refused.count < StorageCommitment.maximumAccepted else { throw .notCommitment("objects without end") }
            refused.append(
                Refusal(
                    reference: try item.reference(),
                    reason: item.unsigned(.failureReason) ?? StorageCommitment.Reason.processingFailure))
        }
        self.init(
            transaction: try root.transaction(), committed: try root.references(.referencedSOPSequence),
            refused: refused)
    }

    package func encoded(as transferSyntax: TransferSyntax) throws(Failure) -> [UInt8] {
        let dataSet = DataSet()
        try dataSet.root.set(.transactionUID, .UI, text: transaction.string)
        for one in committed { try dataSet.root.add(one, to: .referencedSOPSequence) }
        for one in refused {
            let item = try dataSet.root.add(one.reference, to: .failedSOPSequence)
            try item.set(.failureReason, .US, [UInt8(one.reason & 0xFF), UInt8(one.reason >> 8)])
        }
        return try dataSet.encoded(as: transferSyntax)
    }
}

extension Tag {
    /// (0008,1195), (0008,1199), (0008,1198), (0008,1197), (0008,1150), (0008,1155)
    fileprivate static let transactionUID = Tag(0x0008, 0x1195)
    fileprivate static let referencedSOPSequence = Tag(0x0008, 0x1199)
    fileprivate static let failedSOPSequence = Tag(0x0008, 0x1198)
    fileprivate static let failureReason = Tag(0x0008, 0x1197)
    fileprivate static let referencedSOPClass = Tag(0x0008, 0x1150)
    fileprivate static let referencedSOPInstance = Tag(0x0008, 0x1155)
}

extension Failure {
    fileprivate static func notCommitment(_ why: String) -> Failure {
        Failure(.unreadable, .refused, .instance, detail: "a message of storage commitment: \(why)")
    }
}

extension DataSetItem {
    fileprivate func uid(_ tag: Tag) throws(Failure) -> UID {
        let uid = UID(String(decoding: self[tag]?.value ?? [], as: UTF8.self))
        guard uid.isValid else { throw .notCommitment("\(tag) is missing or no UID") }
        return uid
    }

    fileprivate func transaction() throws(Failure) -> UID { try uid(.transactionUID) }

    fileprivate func reference() throws(Failure) -> SOPReference {
        SOPReference(sopClass: try uid(.referencedSOPClass), sopInstance: try uid(.referencedSOPInstance))
    }

    fileprivate func references(_ sequence: Tag) throws(Failure) -> [SOPReference] {
        let items = self[sequence]?.items ?? []
        guard items.count <= StorageCommitment.maximumAccepted else { throw .notCommitment("too many objects") }
        var references: [SOPReference] = []
        for item in items { references.append(try item.reference()) }
        return references
    }

    fileprivate func unsigned(_ tag: Tag) -> UInt16? {
        guard let value = self[tag]?.paddedValue, value.count >= 2 else { return nil }
        return UInt16(value[0]) | UInt16(value[1]) << 8
    }

    @discardableResult
    fileprivate func add(_ reference: SOPReference, to sequence: Tag) throws(Failure) -> DataSetItem {
        let item = try addItem(to: sequence)
        try item.set(.referencedSOPClass, .UI, text: reference.sopClass.string)
        try item.set(.referencedSOPInstance, .UI, text: reference.sopInstance.string)
        return item
    }
}
