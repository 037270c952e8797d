// Step 1: who may speak to us, decided without I/O.

package import DICOMVocabulary
package import WorkerProtocol

/// The answer to an A-ASSOCIATE-RQ. `reason` is for the log: it repeats what the peer said only in printable ASCII.
package enum Admission: Sendable {
    case admit(SourceSettings, AssociationGrant)
    case reject(AssociationRejection, reason: String)
}

/// Deny by default: first the address, then the called AE title, then a source that matches in all it names.
package struct AdmissionPolicy: Sendable {
    private let sources: [SourceSettings]
    private let maximumAssociations: Int
    private let maximumObject: Int64

    package init(_ settings: IntakeSettings) {
        sources = settings.sources
        maximumAssociations = settings.maximumAssociations
        maximumObject = settings.limits.maximumObject
    }

    /// At connect, before a byte is read: whether any source may come from there to this listener.
    package func admits(address: String, to listener: ListenerSettings) -> Bool {
        sources.contains { $0.admits(address: address, to: listener) }
    }

    /// - Parameters:
    ///   - openFrom: associations open now from the source of a name.
    ///   - open: associations open now in all.
    package func judge(
        _ request: AssociationRequest, from address: String, to listener: ListenerSettings,
        openFrom: (String) -> Int, open: Int
    ) -> Admission {
        guard let called = AETitle(request.calledAE), listener.aeTitles.contains(called) else {
            return .reject(
                .calledAENotRecognized, reason: "nobody here is called \(Self.printable(request.calledAE))")
        }
        let near = sources.filter { $0.admits(address: address, to: listener) }
        let named = AETitle(request.callingAE).map { calling in near.filter { $0.callingAEs.contains(calling) } } ?? []
        guard !named.isEmpty else {
            return .reject(
                .callingAENotRecognized,
                reason: "no source at this address is called \(Self.printable(request.callingAE))")
        }
        let allowed = named.filter { $0.calledAEs.isEmpty || $0.calledAEs.contains(called) }
        guard !allowed.isEmpty else {
            return .reject(
                .calledAENotRecognized,
                reason: "\(Self.printable(request.callingAE)) may not call \(Self.printable(request.calledAE))")
        }
        let fingerprint = listener.tls == nil ? nil : request.certificate.map { Self.plain($0.fingerprint) }
        guard let source = allowed.first(where: { $0.certificate.map(Self.plain) ?? fingerprint == fingerprint }) else {
            return .reject(
                .callingAENotRecognized,
                reason: "the certificate is not that of \(Self.printable(request.callingAE))")
        }
        guard open < maximumAssociations else {
            return .reject(.localLimitExceeded, reason: "\(open) associations are open in all")
        }
        let own = openFrom(source.name)
        guard own < source.maximumAssociations else {
            return .reject(.localLimitExceeded, reason: "\(own) associations are open from \(source.name)")
        }
        return .admit(
            source,
            AssociationGrant(
                unknownSOPClasses: source.unknownSOPClasses, deflated: source.deflated,
                unknownSyntaxes: source.unknownTransferSyntaxes, maximumObject: maximumObject,
                storage: source.role.isSender, flushesFirst: source.role.destination != nil,
                commitmentRequests: source.commitment != nil, commitmentReports: source.role.destination != nil))
    }

    /// What a peer wrote, fit for a line of a log: printable ASCII, at most 16 characters (PS3.5 6.2, AE).
    package static func printable(_ text: String) -> String {
        let bytes = text.utf8.prefix(16).map { (0x21...0x7E).contains($0) && $0 != 0x22 ? $0 : UInt8(ascii: "?") }
        return "\"" + String(decoding: bytes, as: UTF8.self) + "\""
    }

    /// Fingerprints are compared without the colons and the case in which tools print them.
    private static func plain(_ fingerprint: String) -> String { fingerprint.lowercased().filter { $0 != ":" } }
}

extension SourceSettings.Role {
    /// Whether instances may come from there.
    fileprivate var isSender: Bool {
        if case .pacs = self { false } else { true }
    }
}

extension SourceSettings {
    func admits(address: String, to listener: ListenerSettings) -> Bool {
        (listeners.isEmpty || listeners.contains(listener.name)) && addresses.contains { $0.contains(address) }
    }
}
