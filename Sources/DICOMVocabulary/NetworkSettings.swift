// Bounds of connections and of what comes over them, and who is at the other end. Defaults are the sample configuration's.

/// Times in seconds, sizes in bytes.
package struct AssociationLimits: Hashable, Sendable, Codable {
    /// From the first byte to a whole A-ASSOCIATE-RQ, TLS handshake included, on the wall clock (ARTIM, PS3.8 9.1.4).
    package var negotiation: Double = 10
    /// Between two messages of an established association.
    package var idle: Double = 900
    /// For one DIMSE response, and between two PDUs of one message.
    package var dimse: Double = 30
    /// To connect to a peer.
    package var connect: Double = 10
    /// Inside an object, averaged over `minimumRateWindow`.
    package var minimumRate: Int = 16_384
    package var minimumRateWindow: Double = 30
    /// What our own worker may take beyond its peer's time, before it is believed to hang and is ended.
    package var workerMargin: Double = 30
    package var maximumPDU: Int = 131_072
    /// A DIMSE command set; a real one is under 2 kB.
    package var maximumCommand: Int = 65_536
    package var maximumObject: Int64 = 8 << 30

    package init() {}
}

/// Bounds of the header scanner.
package struct ScanBounds: Hashable, Sendable, Codable {
    package var maximumDepth: Int = 64
    package var maximumElements: Int = 2_000_000
    /// One value outside pixel data.
    package var maximumValue: Int = 256 << 20
    /// All of a data set outside pixel data, which a parser has to hold in memory.
    package var maximumHeader: Int = 512 << 20
    /// What a deflated data set may unpack to, pixel data included.
    package var maximumInflated: Int64 = 512 << 20
    /// How many times its own size a deflated data set may unpack to; a megabyte is always allowed, because an empty
    /// image is packed a thousandfold.
    package var maximumInflation: Int = 200

    package init() {}

    /// What a deflated data set of `packed` bytes may become.
    package func inflated(from packed: Int64) -> Int64 {
        let (product, overflow) = packed.multipliedReportingOverflow(by: Int64(maximumInflation))
        return min(maximumInflated, overflow ? .max : max(product, 1 << 20))
    }
}

/// Files of one side of a TLS connection (PEM). The worker that uses them reads them; the office passes only paths.
package struct TLSFiles: Hashable, Sendable, Codable {
    package var certificate: String
    package var privateKey: String
    /// The certificates of the authorities that the peer's certificate must chain to.
    package var trusted: String
    /// Certificate revocation lists, or nil.
    package var revocationList: String?

    package init(certificate: String, privateKey: String, trusted: String, revocationList: String? = nil) {
        self.certificate = certificate
        self.privateKey = privateKey
        self.trusted = trusted
        self.revocationList = revocationList
    }
}

/// A peer to connect to.
package struct PeerAddress: Hashable, Sendable, Codable {
    package var host: String
    package var port: Int
    package var calledAE: AETitle
    package var callingAE: AETitle
    package var tls: TLSFiles?
    /// SHA-256 of the peer's certificate (lower-case hex, no colons), where the site pins it.
    package var pinnedCertificate: String?

    package init(
        host: String, port: Int, calledAE: AETitle, callingAE: AETitle, tls: TLSFiles? = nil,
        pinnedCertificate: String? = nil
    ) {
        self.host = host
        self.port = port
        self.calledAE = calledAE
        self.callingAE = callingAE
        self.tls = tls
        self.pinnedCertificate = pinnedCertificate
    }
}
