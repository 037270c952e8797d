// What a certificate file says about itself.

import Foundation

/// The first certificate of a PEM file.
struct CertificateFacts: Sendable, Hashable, Codable {
    var file: String
    /// RFC 2253.
    var subject: String
    var notBefore: Date
    var notAfter: Date
    /// SHA-256, lower-case hex, as the configuration pins it.
    var fingerprint: String
    var publicKey: String

    /// nil if openssl cannot read the file as a certificate.
    init?(file: String, _ openssl: OpenSSLCommand) {
        let answer = openssl.run([
            "x509", "-in", file, "-noout", "-subject", "-nameopt", "RFC2253", "-startdate", "-enddate", "-dateopt",
            "iso_8601", "-fingerprint", "-sha256", "-pubkey",
        ])
        guard answer.isGood else { return nil }
        var fields: [String: String] = [:]
        for line in answer.output.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let name = String(line[..<equals])
            if fields[name] == nil { fields[name] = String(line[line.index(after: equals)...]) }
        }
        guard let from = fields["notBefore"].flatMap(Self.date), let until = fields["notAfter"].flatMap(Self.date),
            let fingerprint = fields["sha256 Fingerprint"], let key = answer.output.range(of: "-----BEGIN PUBLIC KEY")
        else { return nil }
        self.file = file
        subject = fields["subject"] ?? ""
        notBefore = from
        notAfter = until
        self.fingerprint = fingerprint.lowercased().filter { $0 != ":" }
        publicKey = answer.output[key.lowerBound...].trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// `2026-11-21 20:10:30Z`
    static func date(_ text: String) -> Date? {
        try? Date(text.replacingOccurrences(of: " ", with: "T"), strategy: .iso8601)
    }
}
