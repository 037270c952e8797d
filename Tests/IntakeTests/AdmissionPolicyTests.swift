import DICOMVocabulary
import Intake
import Testing
import WorkerProtocol

@Suite struct AdmissionPolicyTests {
    private let gateway = AETitle.make("GATEWAY")
    private let archive = AETitle.make("ARCHIVE")
    private let ct = AETitle.make("CT1")

    private func listener(tls: Bool = false) -> ListenerSettings {
        ListenerSettings(
            name: "lan", address: "0.0.0.0", port: 104, aeTitles: [gateway, archive],
            tls: tls ? TLSFiles(certificate: "c", privateKey: "k", trusted: "t") : nil)
    }

    private func source(_ change: (inout SourceSettings) -> Void = { _ in }) throws -> SourceSettings {
        var source = SourceSettings(
            name: "ct", addresses: [try #require(AddressRange("10.1.0.0/16"))], callingAEs: [ct])
        change(&source)
        return source
    }

    private func policy(_ sources: [SourceSettings], maximum: Int = 64) -> AdmissionPolicy {
        var settings = IntakeSettings()
        settings.sources = sources
        settings.maximumAssociations = maximum
        return AdmissionPolicy(settings)
    }

    private func request(
        calling: String = "CT1", called: String = "GATEWAY", fingerprint: String? = nil
    ) -> AssociationRequest {
        AssociationRequest(
            callingAE: calling, calledAE: called,
            certificate: fingerprint.map { .init(subject: "CN=ct", fingerprint: $0) }, contexts: [])
    }

    private func rejection(
        _ policy: AdmissionPolicy, _ request: AssociationRequest, address: String = "10.1.2.3", tls: Bool = false,
        own: Int = 0, open: Int = 0
    ) -> AssociationRejection? {
        switch policy.judge(request, from: address, to: listener(tls: tls), openFrom: { _ in own }, open: open) {
        case .admit: nil
        case .reject(let rejection, _): rejection
        }
    }

    @Test("without sources nobody is admitted, not even to connect")
    func denyByDefault() {
        #expect(!policy([]).admits(address: "127.0.0.1", to: listener()))
        #expect(rejection(policy([]), request()) == .callingAENotRecognized)
    }

    @Test("an address is admitted when a source of that listener has it")
    func addresses() throws {
        let here = policy([try source()])
        #expect(here.admits(address: "10.1.2.3", to: listener()))
        #expect(here.admits(address: "::ffff:10.1.2.3", to: listener()))
        #expect(!here.admits(address: "10.2.2.3", to: listener()))
        #expect(!here.admits(address: "", to: listener()))
        #expect(!policy([try source { $0.listeners = ["wan"] }]).admits(address: "10.1.2.3", to: listener()))
    }

    @Test("titles are compared without their padding")
    func padding() throws {
        #expect(rejection(policy([try source()]), request(calling: "CT1             ", called: " GATEWAY ")) == nil)
    }

    @Test(
        "a title or an address that no source has is rejected for good",
        arguments: [
            ("CT1", "GATEWAY", "10.1.2.3", nil),
            ("CT1", "NOBODY", "10.1.2.3", AssociationRejection.calledAENotRecognized),
            ("ct1", "GATEWAY", "10.1.2.3", .callingAENotRecognized),
            ("CT2", "GATEWAY", "10.1.2.3", .callingAENotRecognized),
            ("CT1", "GATEWAY", "10.9.2.3", .callingAENotRecognized),
            ("", "GATEWAY", "10.1.2.3", .callingAENotRecognized),
            ("CT1\u{1B}[2J", "GATEWAY", "10.1.2.3", .callingAENotRecognized),
            ("CT1", "../../etc/passwd", "10.1.2.3", .calledAENotRecognized),
        ])
    func titles(calling: String, called: String, address: String, expected: AssociationRejection?) throws {
        let found = rejection(policy([try source()]), request(calling: calling, called: called), address: address)
        #expect(found == expected)
    }

    @Test("a source that may call only one of our titles is told so")
    func calledTitles() throws {
        let narrow = policy([try source { $0.calledAEs = [archive] }])
        #expect(rejection(narrow, request()) == .calledAENotRecognized)
        #expect(rejection(narrow, request(called: "ARCHIVE")) == nil)
    }

    @Test("a source that names a certificate is only who shows it over TLS")
    func certificates() throws {
        let pinned = policy([try source { $0.certificate = "AB:CD" }])
        #expect(rejection(pinned, request(fingerprint: "abcd"), tls: true) == nil)
        #expect(rejection(pinned, request(fingerprint: "abce"), tls: true) == .callingAENotRecognized)
        #expect(rejection(pinned, request(), tls: true) == .callingAENotRecognized)
        // A fingerprint on a plain connection was not shown by anybody.
        #expect(rejection(pinned, request(fingerprint: "abcd")) == .callingAENotRecognized)
        #expect(rejection(policy([try source()]), request(fingerprint: "abcd"), tls: true) == nil)
    }

    @Test("bounds are transient: a source that comes later may be admitted")
    func bounds() throws {
        let bounded = policy([try source { $0.maximumAssociations = 2 }], maximum: 10)
        #expect(rejection(bounded, request(), own: 1, open: 9) == nil)
        #expect(rejection(bounded, request(), own: 2, open: 9) == .localLimitExceeded)
        #expect(rejection(bounded, request(), own: 1, open: 10) == .localLimitExceeded)
        #expect(AssociationRejection.localLimitExceeded.result == 2)
    }

    @Test("the grant is that of the first source that matches in all it names")
    func grant() throws {
        let sources = [
            try source { $0.callingAEs = [.make("MR1")] },
            try source { $0.deflated = true },
            try source(),
        ]
        let admission = policy(sources).judge(
            request(), from: "10.1.2.3", to: listener(), openFrom: { _ in 0 }, open: 0)
        guard case .admit(let source, let grant) = admission else {
            Issue.record("rejected")
            return
        }
        #expect(source.callingAEs == [ct] && grant.deflated && !grant.unknownSOPClasses)
        #expect(grant.maximumObject == AssociationLimits().maximumObject)
    }

    @Test("what a peer wrote cannot write into a log")
    func printable() {
        #expect(AdmissionPolicy.printable("A\u{1B}[2J\n\"B\u{0}é") == "\"A?[2J??B???\"")
        #expect(AdmissionPolicy.printable(String(repeating: "x", count: 1000)).count == 18)
    }
}

extension AETitle {
    /// For titles that stand in a test's source.
    static func make(_ text: String) -> AETitle {
        guard let title = AETitle(text) else { preconditionFailure("not an AE title") }
        return title
    }
}
