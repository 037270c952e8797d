// What a peer asks for when it opens an association, and how it is refused (PS3.8 section 9.3).

/// What the peer asked for (PS3.8 9.3.2). AE titles as they came; admission judges them.
package struct AssociationRequest: Sendable, Codable {
    package struct Context: Sendable, Codable {
        package var id: UInt8
        package var abstractSyntax: UID
        package var transferSyntaxes: [TransferSyntax]

        package init(id: UInt8, abstractSyntax: UID, transferSyntaxes: [TransferSyntax]) {
            self.id = id
            self.abstractSyntax = abstractSyntax
            self.transferSyntaxes = transferSyntaxes
        }
    }
    package struct Certificate: Sendable, Codable {
        package var subject: String
        /// SHA-256 in lower-case hex.
        package var fingerprint: String

        package init(subject: String, fingerprint: String) {
            self.subject = subject
            self.fingerprint = fingerprint
        }
    }
    package var callingAE: String
    package var calledAE: String
    package var certificate: Certificate?
    package var contexts: [Context]

    package init(callingAE: String, calledAE: String, certificate: Certificate?, contexts: [Context]) {
        self.callingAE = callingAE
        self.calledAE = calledAE
        self.certificate = certificate
        self.contexts = contexts
    }
}

/// The office's no: the fields of A-ASSOCIATE-RJ (PS3.8 Table 9-21).
package struct AssociationRejection: Sendable, Codable, Equatable {
    package var result: UInt8
    package var source: UInt8
    package var reason: UInt8

    package init(result: UInt8, source: UInt8, reason: UInt8) {
        self.result = result
        self.source = source
        self.reason = reason
    }

    package static let callingAENotRecognized = AssociationRejection(result: 1, source: 1, reason: 3)
    package static let calledAENotRecognized = AssociationRejection(result: 1, source: 1, reason: 7)
    package static let temporaryCongestion = AssociationRejection(result: 2, source: 3, reason: 1)
    package static let localLimitExceeded = AssociationRejection(result: 2, source: 3, reason: 2)
}
