// What the shim's status says about a road.

internal import CDCMTK
internal import DICOMVocabulary

extension Failure {
    /// Something about the connection or the peer. DCMTK's and OpenSSL's texts hold no patient data.
    init(_ status: cdcmtk_status) {
        let text = status.message
        switch status.code {
        case CDCMTK_CONNECT_REFUSED:
            self.init(
                .connectFailed, .tryAgain, .destination, detail: text,
                hint: "check host, port and firewall, and that the peer runs")
        case CDCMTK_CONNECT_TIMED_OUT:
            self.init(
                .connectTimedOut, .tryAgain, .destination, detail: text, hint: "check host, port and firewall")
        case CDCMTK_TLS_SETUP:
            self.init(
                .tlsFailed, .person, .destination, detail: text,
                hint: "check the configured certificate, key and authority files, and who may read them")
        case CDCMTK_TLS_FAILED:
            self.init(
                .tlsFailed, .tryAgain, .destination, detail: text,
                hint: "check that both sides speak TLS 1.2 or 1.3 on this port")
        case CDCMTK_CERTIFICATE_EXPIRED:
            self.init(
                .certificateExpired, .tryAgain, .destination, detail: text,
                hint: "renew the certificate, and check both clocks")
        case CDCMTK_CERTIFICATE_REFUSED:
            self.init(
                .certificateRefused, .tryAgain, .destination, detail: text,
                hint: "compare the authorities that both sides trust, and the pinned fingerprint if there is one")
        case CDCMTK_NO_CONTEXT:
            self.init(
                .noPresentationContext, .tryAgain, .destination, detail: text,
                hint: "the peer takes none of the proposed SOP classes and transfer syntaxes")
        case CDCMTK_ABORTED:
            self.init(.associationAborted, .tryAgain, .destination, detail: "the peer aborted the association")
        case CDCMTK_TIMED_OUT:
            self.init(.peerTimedOut, .tryAgain, .destination, detail: text)
        case CDCMTK_TOO_SLOW:
            self.init(.workerTooSlow, .tryAgain, .destination, detail: text)
        case CDCMTK_LOST:
            self.init(.connectionLost, .tryAgain, .destination, detail: text)
        case CDCMTK_OUT_OF_MEMORY:
            self.init(.outOfResources, .tryAgain, .destination, detail: text)
        case CDCMTK_RELEASED:
            self = .protocolBreach("the peer released the association in the middle of a message")
        case CDCMTK_PROTOCOL:
            self = .protocolBreach(text)
        default:
            self.init(.unexpected, .tryAgain, .destination, detail: text)
        }
    }

    static func protocolBreach(_ detail: String) -> Failure {
        Failure(.protocolError, .tryAgain, .destination, detail: detail)
    }

    /// A-ASSOCIATE-RJ in the words of PS3.8 Table 9-21.
    init(rejection: AssociationRejection) {
        let reason =
            switch (rejection.source, rejection.reason) {
            case (1, 1), (2, 1): "no reason given"
            case (1, 2): "application context name not supported"
            case (1, 3): "calling AE title not recognised"
            case (1, 7): "called AE title not recognised"
            case (2, 2): "protocol version not supported"
            case (3, 1): "temporary congestion"
            case (3, 2): "local limit exceeded"
            default: "unknown reason"
            }
        let isTransient = rejection.result == 2
        self.init(
            isTransient ? .associationRejectedTransient : .associationRejectedPermanent, .tryAgain, .destination,
            detail: "A-ASSOCIATE-RJ result \(rejection.result), source \(rejection.source), reason \(rejection.reason)"
                + ": \(reason)",
            hint: isTransient ? "" : "compare AE titles and addresses with the peer's settings")
    }
}

extension cdcmtk_status {
    var message: String {
        withUnsafeBytes(of: text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    func check() throws(Failure) {
        guard code == CDCMTK_OK else { throw Failure(self) }
    }
}
