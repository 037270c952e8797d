// Certificates, their keys and whom they trust.

import DICOMVocabulary
import Foundation
import Gateway

extension Check {
    mutating func certificates() {
        guard !configuration.tls.isEmpty else { return }
        guard let openssl = OpenSSLCommand() else {
            return add(
                .warning, "tls", configuration.path,
                "the openssl command is not installed, so certificates were not checked",
                hint: "apt install openssl")
        }
        for (name, files) in configuration.tls.sorted(by: { $0.key < $1.key }) {
            certificate("tls.\(name)", files, openssl)
        }
    }

    private mutating func certificate(_ key: String, _ files: TLSFiles, _ openssl: OpenSSLCommand) {
        let canReadKey = secretFile(key + ".private_key", files.privateKey)
        let own = facts(key + ".certificate", files.certificate, openssl)
        let authorities = facts(key + ".trusted", files.trusted, openssl)
        for one in own { validity(key + ".certificate", one, orElse: .error) }
        if let leaf = own.first, canReadKey { keyPair(key, leaf, files.privateKey, openssl) }
        // Beside an authority that ended another may stand that took its place.
        for one in authorities { validity(key + ".trusted", one, orElse: authorities.count == 1 ? .error : .warning) }
        if !own.isEmpty, !authorities.isEmpty { chain(key, files, openssl) }
        if let list = files.revocationList { revocationList(key + ".revocation_list", list, openssl) }
    }

    private mutating func facts(_ key: String, _ path: String, _ openssl: OpenSSLCommand) -> [CertificateFacts] {
        guard FileManager.default.isReadableFile(atPath: path) else {
            let isThere = FileManager.default.fileExists(atPath: path)
            add(.error, key, path, isThere ? "is not readable for this user" : "is not there")
            return []
        }
        let facts = CertificateFacts.all(in: path, openssl)
        if facts.isEmpty {
            add(.error, key, path, "is not a certificate", allowed: "PEM (-----BEGIN CERTIFICATE-----)")
        }
        return facts
    }

    private mutating func validity(_ key: String, _ facts: CertificateFacts, orElse level: Finding.Level) {
        let what = facts.count == 1 ? "" : "certificate \(facts.number) of \(facts.count) (\(facts.subject)) "
        if options.now < facts.notBefore {
            add(level, key, facts.file, "\(what)is not valid before \(Self.day(facts.notBefore))")
        } else if options.now >= facts.notAfter {
            add(level, key, facts.file, "\(what)expired on \(Self.day(facts.notAfter))")
        } else if facts.notAfter.timeIntervalSince(options.now) < configuration.gateway.certificateWarning {
            let days = Int(facts.notAfter.timeIntervalSince(options.now) / 86_400)
            add(.warning, key, facts.file, "\(what)expires on \(Self.day(facts.notAfter)), in \(days) days")
        }
    }

    private mutating func keyPair(
        _ key: String, _ own: CertificateFacts, _ privateKey: String, _ openssl: OpenSSLCommand
    ) {
        // An empty passphrase, so that a key that needs one fails instead of asking.
        let answer = openssl.run(["pkey", "-in", privateKey, "-pubout", "-passin", "pass:"])
        guard answer.isGood else {
            return add(
                .error, key + ".private_key", privateKey, "is not a private key", allowed: "PEM without a passphrase")
        }
        if answer.output.trimmingCharacters(in: .whitespacesAndNewlines) != own.publicKey {
            add(.error, key + ".private_key", privateKey, "does not belong to \(own.file)")
        }
    }

    /// Time is judged above, so that an expired certificate is not called unknown too.
    private mutating func chain(_ key: String, _ files: TLSFiles, _ openssl: OpenSSLCommand) {
        let answer = openssl.run([
            "verify", "-no_check_time", "-CAfile", files.trusted, "-untrusted", files.certificate, files.certificate,
        ])
        guard !answer.isGood else { return }
        add(
            .warning, key + ".certificate", files.certificate, "does not chain to \(files.trusted)",
            hint: "That is right only if the peers trust another authority than we do.")
    }

    private mutating func revocationList(_ key: String, _ path: String, _ openssl: OpenSSLCommand) {
        let answer = openssl.run(["crl", "-in", path, "-noout", "-nextupdate", "-dateopt", "iso_8601"])
        guard answer.isGood else { return add(.error, key, path, "is not a revocation list", allowed: "PEM") }
        let text = answer.output.split(separator: "=").last?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        guard let next = CertificateFacts.date(text), next <= options.now else { return }
        add(.error, key, path, "is stale since \(Self.day(next))", hint: "With it every peer is refused.")
    }

    private static func day(_ date: Date) -> String { date.formatted(.iso8601.year().month().day()) }
}
