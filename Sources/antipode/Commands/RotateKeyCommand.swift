// antipode vault rotate-key: at each moment a key at hand opens the vault.

import ArgumentParser
import DICOMVocabulary
import Foundation
import Gateway
import Glibc
import Vault

extension VaultCommand {
    /// The steps, each durable before the next: the new key's file beside the old one; the vault takes both; the files change
    /// places; the vault takes the new one only. After a crash the same command goes on from where it was.
    struct RotateKey: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate-key",
            abstract: "Makes a new key for the vault and puts it in the place of the old one.",
            discussion: """
                Pseudonyms stay as they are. The daemon may run meanwhile. The old key stays beside the new one as \
                KEY.old: it opens backups from before, and nothing else; keep it with them, or delete it.

                Where systemd hands the key over (credential:NAME), name the file that LoadCredential= reads:
                  antipode vault rotate-key --key-file /etc/antipode/vault.key
                """)
        @OptionGroup var options: DeskOptions
        @Option(help: "The file of the key, where it is not the one in the configuration.") var keyFile: String?

        func run() async throws {
            do {
                let configuration = try Configuration.load(path: options.config)
                let path = keyFile ?? configuration.gateway.vaultKeyFile
                guard access(path, R_OK) == 0 else {
                    throw OperatorError(.notAllowed, "the key file \(path) cannot be read: name it with --key-file")
                }
                let name = try await rotate(path, configuration)
                print("The vault's key is \(name) now. The old one is \(path).old; take a new copy of \(path).")
            } catch {
                throw ending(error)
            }
        }

        private func rotate(_ path: String, _ configuration: AntipodeConfiguration) async throws -> String {
            let present = try VaultKey(file: path)
            let next = path + ".new"
            let interrupted = access(next, F_OK) == 0
            let new = interrupted ? try VaultKey(file: next) : try present.successor()
            if !interrupted {
                try new.write(to: next)
                try Self.copyOwner(of: path, to: next)
            }
            let proof = present.proof(of: new.fileContent)
            try await change(
                configuration, asking: .addKey(content: new.fileContent, proof: proof), with: present
            ) { vault in try await vault.add(new, at: Date()) }
            try Self.rename(path, to: path + ".old")
            try Self.rename(next, to: path)
            try VaultKey.syncFolder(of: path)
            try await change(
                configuration, asking: .adoptKey(content: new.fileContent, proof: new.proof(of: new.fileContent)),
                with: new
            ) { vault in try await vault.adopt(new, at: Date()) }
            return new.name
        }

        /// By the daemon, which owns the vault, or on the vault's own file when no daemon runs.
        private func change(
            _ configuration: AntipodeConfiguration, asking request: VaultRequest, with key: VaultKey,
            _ body: (VaultDatabase) async throws -> Void
        ) async throws {
            let client = OperatorClient(path: configuration.socketPath)
            if client.isReachable {
                _ = try await RemoteDesk(client).vault(request, actor: NSUserName())
                return
            }
            let vault = try VaultDatabase.open(path: configuration.gateway.vaultPath, key: key)
            try await body(vault)
            try vault.close()
        }

        private static func rename(_ from: String, to: String) throws {
            guard Glibc.rename(from, to) == 0 else {
                throw OperatorError(.unavailable, "\(from) cannot be renamed: \(String(cString: strerror(errno)))")
            }
        }

        /// Root makes the file; whoever reads the old one reads the new one.
        private static func copyOwner(of path: String, to other: String) throws {
            var status = stat()
            guard stat(path, &status) == 0 else { return }
            guard chown(other, status.st_uid, status.st_gid) == 0 else {
                throw OperatorError(.notAllowed, "the new key cannot be given to the owner of \(path)")
            }
        }
    }
}
