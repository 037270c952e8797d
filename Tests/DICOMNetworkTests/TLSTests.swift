import DICOMNetwork
import DICOMVocabulary
import Foundation
import Testing

/// Keys and certificates made by the openssl program, good for an hour.
final class Authority {
    let folder: Folder
    let name: String

    init(_ name: String) throws {
        folder = try Folder()
        self.name = name
        try run(
            ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/O=Test/CN=\(name)"]
                + ["-keyout", folder.file("ca.key"), "-out", folder.file("ca.pem")])
    }

    func run(_ arguments: [String]) throws {
        let tool = try Tool("openssl", arguments)
        guard tool.exitCode() == 0 else { throw Stuck() }
    }

    /// With zero days it expires in the second in which it is made.
    func issue(_ name: String, days: Int = 1, trusting other: Authority? = nil) throws -> TLSFiles {
        let key = folder.file(name + ".key")
        let request = folder.file(name + ".csr")
        let certificate = folder.file(name + ".pem")
        try run([
            "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/O=Test/CN=\(name)", "-keyout", key, "-out", request,
        ])
        try run([
            "x509", "-req", "-in", request, "-CA", folder.file("ca.pem"), "-CAkey", folder.file("ca.key"),
            "-CAcreateserial", "-days", "\(days)", "-out", certificate,
        ])
        return TLSFiles(certificate: certificate, privateKey: key, trusted: (other ?? self).folder.file("ca.pem"))
    }

    func fingerprint(_ files: TLSFiles) throws -> String {
        let tool = try Tool("openssl", ["x509", "-in", files.certificate, "-noout", "-fingerprint", "-sha256"])
        guard tool.exitCode() == 0, let text = tool.text.split(separator: "=").last else { throw Stuck() }
        return text.filter(\.isHexDigit).lowercased()
    }
}

@Suite("TLS", .serialized, .disabled(if: Tool.areMissing, "DCMTK's tools or openssl are missing"))
struct TLSTests {
    private func ask(
        _ server: TLSFiles?, _ client: TLSFiles?, pinned: String? = nil
    ) throws -> (
        request: Result<AssociationRequest, any Error>,
        answer: Result<(status: UInt16, tls: String, peer: String), Failure>
    ) {
        let listener = try Listener()
        let background = Background {
            try Recorder.run(try listener.next(), folder: "/nonexistent", tls: server).request
        }
        let answer: Result<(status: UInt16, tls: String, peer: String), Failure>
        do throws(Failure) {
            let association = try OutgoingAssociation(
                to: .local(listener.port, tls: client, pinned: pinned), limits: .quick(),
                proposals: [(Objects.verification, [.implicitVRLittleEndian], false)])
            let status = try association.echo()
            answer = .success((status, association.tlsDescription, association.certificate?.fingerprint ?? ""))
            association.release()
        } catch {
            answer = .failure(error)
        }
        return (Result { try background.value() }, answer)
    }

    @Test("shows each side the other's certificate")
    func mutual() throws {
        let authority = try Authority("root")
        let server = try authority.issue("gateway")
        let client = try authority.issue("modality")
        let pin = try authority.fingerprint(server)
        let (request, answer) = try ask(server, client, pinned: pin.uppercased())
        let certificate = try #require(try request.get().certificate)
        #expect(certificate.subject == "CN=modality,O=Test")
        #expect(try certificate.fingerprint == authority.fingerprint(client))
        let (status, tls, peer) = try answer.get()
        #expect(status == 0)
        #expect(tls.hasPrefix("TLSv1.3 "))
        #expect(peer == pin)
    }

    @Test("works with echoscu in both roles of trust")
    func tool() throws {
        let authority = try Authority("root")
        let server = try authority.issue("gateway")
        let client = try authority.issue("modality")
        for (arguments, isGood) in [
            (["+tls", client.privateKey, client.certificate, "+cf", client.trusted], true),
            (["+tla", "-ic"], false),
        ] {
            let listener = try Listener()
            let tool = try Tool("echoscu", arguments + ["127.0.0.1", "\(listener.port)"])
            let result = Result { try Recorder.run(try listener.next(), folder: "/nonexistent", tls: server) }
            #expect((tool.exitCode() == 0) == isGood, "\(tool.text)")
            #expect((try? result.get()) != nil || !isGood)
        }
    }

    @Test("does not start with a certificate that is not the pinned one")
    func pinned() throws {
        let authority = try Authority("root")
        let server = try authority.issue("gateway")
        let client = try authority.issue("modality")
        let (_, answer) = try ask(server, client, pinned: try authority.fingerprint(client))
        guard case .failure(let failure) = answer else { throw Stuck() }
        #expect(failure.code == .certificateRefused, "\(failure)")
        #expect(failure.detail.contains(try authority.fingerprint(server)))
    }

    @Test("does not start with an expired certificate on either side, and both say so")
    func expired() throws {
        let authority = try Authority("root")
        let good = try authority.issue("good")
        let old = try authority.issue("old", days: 0)
        for (server, client) in [(old, good), (good, old)] {
            let (request, answer) = try ask(server, client)
            guard case .failure(let ours) = answer, case .failure(let theirs as Failure) = request else {
                throw Stuck()
            }
            #expect(ours.code == .certificateExpired, "\(ours)")
            #expect(theirs.code == .certificateExpired, "\(theirs)")
            #expect(ours.disposition == .tryAgain)
            #expect(ours.scope == .destination)
        }
    }

    @Test("does not start with a certificate of a stranger, and both say so")
    func stranger() throws {
        let ours = try Authority("ours")
        let theirs = try Authority("theirs")
        let server = try ours.issue("gateway")
        let stranger = try theirs.issue("stranger", trusting: ours)
        let (request, answer) = try ask(server, stranger)
        guard case .failure(let outside) = answer, case .failure(let inside as Failure) = request else { throw Stuck() }
        #expect(inside.code == .certificateRefused, "\(inside)")
        #expect(outside.code == .certificateRefused, "\(outside)")
    }

    @Test("is required by a side that has it")
    func mixed() throws {
        let authority = try Authority("root")
        let files = try authority.issue("gateway")
        let (_, plainClient) = try ask(files, nil)
        guard case .failure(let first) = plainClient else { throw Stuck() }
        #expect([.connectionLost, .protocolError, .associationAborted].contains(first.code), "\(first)")
        let (_, plainServer) = try ask(nil, files)
        guard case .failure(let second) = plainServer else { throw Stuck() }
        #expect([.tlsFailed, .connectionLost].contains(second.code), "\(second)")
    }

    @Test("is not left out where a certificate is pinned")
    func pinWithoutTLS() {
        let failure = #expect(throws: Failure.self) {
            try OutgoingAssociation(
                to: .local(1, pinned: "00"), limits: .quick(),
                proposals: [(Objects.verification, [.implicitVRLittleEndian], false)])
        }
        #expect(failure?.code == .certificateRefused)
    }

    @Test("heeds a revocation list, and wants one that is there")
    func revoked() throws {
        let authority = try Authority("root")
        var server = try authority.issue("gateway")
        let good = try authority.issue("good")
        let bad = try authority.issue("bad")
        let folder = authority.folder
        let settings = """
            [ca]
            default_ca = here
            [here]
            database = \(folder.file("index"))
            default_md = sha256
            default_crl_days = 1
            """
        let configuration = try folder.write(Array(settings.utf8), "ca.cnf")
        _ = try folder.write([], "index")
        let common = [
            "ca", "-config", configuration, "-keyfile", folder.file("ca.key"), "-cert", folder.file("ca.pem"),
        ]
        try authority.run(common + ["-revoke", bad.certificate])
        try authority.run(common + ["-gencrl", "-out", folder.file("crl.pem")])
        server.revocationList = folder.file("crl.pem")
        #expect(try ask(server, good).answer.get().status == 0)
        guard case .failure(let theirs as Failure) = try ask(server, bad).request else { throw Stuck() }
        #expect(theirs.code == .certificateRefused, "\(theirs)")
        #expect(theirs.detail.contains("revoked"))
    }

    @Test("says which of our own files is wrong")
    func files() throws {
        let authority = try Authority("root")
        var files = try authority.issue("gateway")
        files.privateKey = "/nonexistent.key"
        let failure = #expect(throws: Failure.self) {
            try OutgoingAssociation(
                to: .local(1, tls: files), limits: .quick(),
                proposals: [(Objects.verification, [.implicitVRLittleEndian], false)])
        }
        #expect(failure?.code == .tlsFailed)
        #expect(failure?.disposition == .person)
        #expect(failure?.detail.contains("private key") == true, "\(failure?.detail ?? "")")
    }

    @Test("that is dripped is cut off by the wall clock")
    func drips() throws {
        let authority = try Authority("root")
        let server = try authority.issue("gateway")
        let listener = try Listener()
        let port = listener.port
        let background = Background {
            let raw = try RawPeer(port)
            // The header of a ClientHello that promises 512 bytes.
            for byte in [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC] + [UInt8](repeating: 3, count: 400) {
                guard raw.send([byte]) else { break }
                usleep(30_000)
            }
        }
        let association = try IncomingAssociation(
            socket: try listener.next(), tls: server, limits: .quick { $0.negotiation = 0.6 })
        let failure = #expect(throws: Failure.self) { try association.receiveRequest() }
        #expect(failure?.code == .peerTimedOut, "\(String(describing: failure))")
        try background.value()
    }
}
