// Files that hold secrets: who may read them, and whether they are what they should be.

import Foundation
import Gateway
import Glibc

extension Check {
    /// The vault's key is that many random bytes.
    static let vaultKeyLength = 32

    mutating func secrets() {
        let vaultKey = configuration.gateway.vaultKeyFile
        if secretFile("vault.key_file", vaultKey), let size = Self.size(vaultKey), size != Self.vaultKeyLength {
            add(.error, "vault.key_file", vaultKey, "has \(size) bytes", allowed: "\(Self.vaultKeyLength) random bytes")
        }
        guard let console = configuration.console else { return }
        let readable = [
            secretFile("console.viewer_token_file", console.viewerTokenFile),
            secretFile("console.operator_token_file", console.operatorTokenFile),
        ]
        guard readable.allSatisfy({ $0 }) else { return }
        do throws(ConfigurationFaults) {
            _ = try console.settings(timeZone: configuration.timeZone)
        } catch {
            findings += error.findings
        }
    }

    private static func size(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Notes what is wrong with a secret's file; whether it can be read.
    @discardableResult
    mutating func secretFile(_ key: String, _ path: String) -> Bool {
        // The configuration has warned that systemd hands it to the service only.
        if options.surroundings.credentials == nil, path.hasPrefix(Configuration.Surroundings.credentialsOfService) {
            return false
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            add(.error, key, path, "is not there", hint: "antipode init makes one for a trial.")
            return false
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            add(.error, key, path, "is not a file")
            return false
        }
        // systemd gives credentials to the service's user by an access control list, which shows as the group's bits.
        let isCredential = options.surroundings.credentials.map { path.hasPrefix($0 + "/") } ?? false
        if status.st_mode & 0o007 != 0 {
            add(
                .error, key, path, "is open to everybody (mode \(Self.octal(status.st_mode)))", allowed: "0600",
                hint: "chmod 600 \(path)")
        } else if status.st_mode & 0o070 != 0, !isCredential {
            add(
                .warning, key, path, "is open to its group (mode \(Self.octal(status.st_mode)))", allowed: "0600",
                hint: "chmod 600 \(path)")
        }
        guard access(path, R_OK) == 0 else {
            add(.error, key, path, "is not readable for this user")
            return false
        }
        return true
    }
}
