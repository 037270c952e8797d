// Values of DICOM and of networks in a configuration.

import DICOMVocabulary
import Foundation
import Routing

extension TableReader {
    private static let aeAllowed = "1 to 16 printable ASCII characters without backslash (PS3.5 6.2, AE)"

    func aeTitle(_ name: String) -> AETitle? {
        convert(name, allowed: Self.aeAllowed) { if case .string(let text) = $0 { AETitle(text) } else { nil } }
    }

    func aeTitles(_ name: String) -> [AETitle] { list(name, of: Self.aeAllowed) { AETitle($0) } }

    func addresses(_ name: String) -> [AddressRange] {
        list(name, of: "an IPv4 or IPv6 address or network, such as 10.1.2.0/24") { AddressRange($0) }
    }

    /// SHA-256 of a certificate: 64 hex digits, colons allowed as `openssl x509 -fingerprint` writes them.
    func fingerprint(_ name: String) -> String? {
        convert(name, allowed: "64 hex digits: the certificate's SHA-256 (openssl x509 -noout -fingerprint -sha256)") {
            guard case .string(let text) = $0 else { return nil }
            let digits = text.lowercased().filter { $0 != ":" }
            return digits.utf8.count == 64 && digits.allSatisfy(\.isHexDigit) ? digits : nil
        }
    }

    /// A path, relative to the folder of the configuration file.
    func filePath(_ name: String, below base: URL) -> String? {
        text(name, allowed: "a path").map { URL(fileURLWithPath: $0, relativeTo: base).path }
    }

    /// The path of a file that holds a secret, or `credential:NAME` for one that systemd hands over in `credentials`
    /// (systemd.exec(5), LoadCredential=). Its value is never shown: a secret could have been written in its place.
    func secretPath(_ name: String, below base: URL, credentials: String?) -> String? {
        guard let text = text(name, allowed: "a path, or credential:NAME", isSecret: true) else { return nil }
        let prefix = "credential:"
        guard text.hasPrefix(prefix) else { return URL(fileURLWithPath: text, relativeTo: base).path }
        let credential = text.dropFirst(prefix.count)
        guard !credential.isEmpty, !credential.contains("/") else {
            fault(name, "names no credential", allowed: "credential:NAME", isSecret: true)
            return nil
        }
        guard let credentials else {
            faults.warn(
                key(name), "there is no folder of credentials here",
                hint: "systemd makes it for the service (LoadCredential=NAME:PATH); elsewhere give a path.")
            return Configuration.Surroundings.credentialsOfService + credential
        }
        return "\(credentials)/\(credential)"
    }

    /// `windows = [{ from = 20:00:00, until = 07:00:00 }]`
    func windows(_ name: String) -> [TimeWindow] {
        tables(name).compactMap { reader in
            defer { reader.finish() }
            return reader.window()
        }
    }

    /// `from = 20:00:00` and `until = 07:00:00` of this table.
    func window() -> TimeWindow? {
        func time(_ name: String) -> TimeOfDay? {
            requireKey(name, allowed: "a time of day without quotes, such as 20:00:00")
            return convert(name, allowed: "a time of day without quotes, such as 20:00:00") {
                if case .time(let time) = $0 { time } else { nil }
            }
        }
        let (from, until) = (time("from"), time("until"))
        guard let from, let until else { return nil }
        return TimeWindow(from: from, until: until)
    }
}
