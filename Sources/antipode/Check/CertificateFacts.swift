// What a certificate file says about itself.

import Foundation

/// One certificate of a PEM file.
struct CertificateFacts: Sendable, Hashable, Codable {
    /// No chain, and no list of authorities that anybody reads, is longer.
    private static let maximum = 500

    var file: String
    /// In its file, from 1; and how many there are.
    var number = 1
    var count = 1
    /// RFC 2253.
    var subject: String
    var notBefore: Date
    var notAfter: Date
    /// SHA-256, lower-case hex, as the configuration pins it.
    var fingerprint: String
    var publicKey: String

    /// Every certificate of the file, in its order; empty if there is none, or openssl cannot read one of them.
    static func all(in file: String, _ openssl: OpenSSLCommand) -> [CertificateFacts] {
        guard let data = FileManager.default.contents(atPath: file) else { return [] }
        let text = String(decoding: data, as: UTF8.self)
        let end = "-----END CERTIFICATE-----"
        // Before each there may be words; `openssl x509` skips them.
        let blocks = text.components(separatedBy: end).dropLast().prefix(maximum).map { $0 + end + "\n" }
        let facts = blocks.compactMap { CertificateFacts(file: file, block: $0, openssl) }
        guard facts.count == blocks.count else { return [] }
        return facts.enumerated().map { index, one in
            var one = one
            one.number = index + 1
            one.count = facts.count
            return one
        }
    }

    private init?(file: String, block: String, _ openssl: OpenSSLCommand) {
        // Only the block itself: what stands before it may be more than a pipe holds.
        let begin = block.range(of: "-----BEGIN CERTIFICATE-----", options: .backwards)
        guard let begin else { return nil }
        let answer = openssl.run(
            [
                "x509", "-noout", "-subject", "-nameopt", "RFC2253", "-startdate", "-enddate", "-dateopt",
                "iso_8601", "-fingerprint", "-sha256", "-pubkey",
            ], input: String(block[begin.lowerBound...]))
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
