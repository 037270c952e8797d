// What the site says about receiving.

package import DICOMVocabulary

/// A port on which peers open associations.
package struct ListenerSettings: Sendable, Hashable {
    package var name: String
    package var address: String
    /// 0 asks the system for a free port; the one it gave is in the log and in `antipode status`.
    package var port: Int
    /// Called AE titles that are answered here.
    package var aeTitles: [AETitle]
    /// nil is plain DICOM; otherwise TLS with a required client certificate.
    package var tls: TLSFiles?

    package init(name: String, address: String, port: Int, aeTitles: [AETitle], tls: TLSFiles? = nil) {
        self.name = name
        self.address = address
        self.port = port
        self.aeTitles = aeTitles
        self.tls = tls
    }
}

/// A peer that may send to us. What no source matches is refused.
package struct SourceSettings: Sendable, Hashable {
    package enum Role: Sendable, Hashable {
        /// Its instances are studies to be routed.
        case modality
        /// Its instances are reports from the destination of this name.
        case reader(destination: String)
        /// It sends no instances, only what the destination of this name says of commitments.
        case pacs(destination: String)

        /// Whose word it brings.
        package var destination: String? {
            switch self {
            case .modality: nil
            case .reader(let destination), .pacs(let destination): destination
            }
        }
    }
    package var name: String
    package var role: Role = .modality
    /// Names of listeners; empty means each of them.
    package var listeners: [String] = []
    package var addresses: [AddressRange]
    package var callingAEs: [AETitle]
    /// Called AE titles this source may use; empty means each that the listener answers to.
    package var calledAEs: [AETitle] = []
    /// SHA-256 of the client certificate, lower-case hex; only on TLS listeners.
    package var certificate: String?
    package var unknownSOPClasses = false
    package var deflated = false
    package var unknownTransferSyntaxes = false
    /// Seconds without an instance and without an open association that sends, until a study is complete.
    package var quietPeriod: Double = 30
    package var quietPeriodByModality: [String: Double] = [:]
    /// Status for the same SOP Instance UID with other content (PS3.4 B.2.3). The first content is kept either way.
    package var conflictStatus: UInt16 = 0x0111
    package var maximumAssociations = 16
    /// nil: a modality that asks for storage commitment is refused.
    package var commitment: CommitmentRelaySettings?

    package init(name: String, addresses: [AddressRange], callingAEs: [AETitle]) {
        self.name = name
        self.addresses = addresses
        self.callingAEs = callingAEs
    }

    package func quietPeriod(modality: String) -> Double { quietPeriodByModality[modality] ?? quietPeriod }

    /// The longest of a study's modalities.
    package func quietPeriod(modalities: [String]) -> Double {
        modalities.map { quietPeriod(modality: $0) }.max() ?? quietPeriod
    }
}

/// How a modality's requests for storage commitment are answered: with what destinations say, and never for ourselves.
package struct CommitmentRelaySettings: Sendable, Hashable {
    /// Destinations that all have to have committed.
    package var by: [String]
    /// Where answers go; nil is the address from which the request came.
    package var host: String?
    package var port: Int
    package var tls: TLSFiles?
    /// Seconds after which what nobody has committed to is answered with a failure.
    package var deadline: Double = 86_400
    /// Seconds after which an answer that cannot be delivered is given up.
    package var giveUp: Double = 3 * 86_400

    package init(by: [String], port: Int) {
        self.by = by
        self.port = port
    }
}

package struct IntakeSettings: Sendable {
    package var listeners: [ListenerSettings] = []
    package var sources: [SourceSettings] = []
    /// Associations in all, and connections that have not spoken yet.
    package var maximumAssociations = 64
    package var maximumSilentConnections = 2048
    /// Seconds from connect to the first byte.
    package var silence: Double = 10
    /// Connections of one listener that the kernel completes while we are busy (listen(2)).
    package var backlog = 256
    /// Connections of one address that may negotiate at a time; others wait in line.
    package var negotiationsPerAddress = 8
    /// Quiet periods after which a study is complete although its sender keeps the association open.
    package var openPatience = 10
    package var limits = AssociationLimits()
    package var scan = ScanBounds()
    /// Workers that stand ready.
    package var warmWorkers = 8
    /// A worker is replaced after so many jobs.
    package var jobsPerWorker = 200

    package init() {}
}
