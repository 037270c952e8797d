import Foundation

@testable import antipode

/// Configurations for tests: a small one that is right, and ways to make it wrong.
enum Sample {
    static let surroundings = Configuration.Surroundings(
        credentials: nil, executable: "/usr/bin/antipode", timeZone: TimeZone(identifier: "Europe/Stockholm") ?? .gmt)

    /// The root of the package.
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let small = """
        [gateway]
        state = "state"
        time_zone = "Europe/Stockholm"

        [vault]
        key_file = "vault.key"

        [[listener]]
        name = "in"
        port = 11112
        ae_titles = ["ANTIPODE"]

        [[source]]
        name = "ct"
        addresses = ["127.0.0.1"]
        calling_ae_titles = ["CT1"]

        [[destination]]
        name = "reader"
        role = "reader"
        host = "127.0.0.1"
        port = 104
        called_ae_title = "READER"
        calling_ae_title = "ANTIPODE"
        identity = "pseudonymous"

        [[destination]]
        name = "pacs"
        role = "pacs"
        host = "127.0.0.1"
        port = 105
        called_ae_title = "PACS"
        calling_ae_title = "ANTIPODE"
        identity = "identified"
        ground = "own archive"

        [[reports]]
        reader = "reader"
        method = "get"
        deliver_to = ["pacs"]

        [[rule]]
        name = "all"
        to = ["reader"]

        """

    static func read(_ text: String) throws(ConfigurationFaults) -> AntipodeConfiguration {
        try Configuration.read(text, path: "/etc/antipode/antipode.toml", in: surroundings)
    }

    /// Every finding, warnings too, of the small configuration with one text replaced and another added.
    static func findings(replacing old: String = "", by new: String = "", adding more: String = "") -> [Finding] {
        let text = (old.isEmpty ? small : small.replacingOccurrences(of: old, with: new)) + more
        do throws(ConfigurationFaults) {
            return try read(text).warnings
        } catch {
            return error.findings
        }
    }
}
