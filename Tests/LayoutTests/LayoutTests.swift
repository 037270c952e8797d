// The house as docs/architecture.md draws it, read from the imports.

import Foundation
import Testing

/// Floors and the outside modules that each target may import. `DICOMNetwork` may import `DICOM` on its own floor.
private let house: [(floor: Int, target: String, outside: Set<String>)] = [
    (0, "DICOMVocabulary", []),
    (0, "CDCMTK", []),
    (1, "Spool", []),
    (1, "Journal", ["GRDB"]),
    (1, "Vault", ["GRDB", "Crypto"]),
    (1, "WorkerProtocol", []),
    (1, "DICOM", []),
    (1, "DICOMNetwork", []),
    (2, "Intake", ["Logging"]),
    (2, "Routing", []),
    (2, "Forwarding", ["Logging"]),
    (2, "Reports", ["Logging"]),
    (2, "Deidentification", ["Crypto"]),
    (3, "Workers", []),
    (3, "Gateway", ["Logging", "Metrics", "ServiceLifecycle"]),
    (
        4, "Console",
        ["Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore", "Mustache", "Logging", "ServiceLifecycle", "Crypto"]
    ),
    (4, "Simulation", []),
    (5, "antipode", ["ArgumentParser", "Logging", "Metrics", "ServiceLifecycle", "UnixSignals"]),
    // T: for tests, which may use anything.
    (6, "GatewayTesting", ["Logging"]),
]

/// Modules that come with the toolchain.
private let platform: Set<String> = [
    "Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Synchronization", "RegexBuilder",
]

/// Targets of the office: nothing that they are made of may reach DCMTK.
private let office = [
    "Spool", "Journal", "Vault", "WorkerProtocol", "Intake", "Routing", "Forwarding", "Reports",
    "Gateway", "Console",
]

private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

/// The modules that a target's files import.
private func imports(of target: String) throws -> Set<String> {
    let folder = root.appending(path: "Sources/\(target)")
    var modules: Set<String> = []
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    while let file = files?.nextObject() as? URL {
        guard file.pathExtension == "swift" else { continue }
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let words = line.split(separator: " ").filter {
                !["public", "package", "internal", "@testable"].contains($0)
            }
            guard words.count >= 2, words[0] == "import" else { continue }
            let kinds: Set<Substring> = ["struct", "class", "enum", "func", "protocol", "let", "var", "typealias"]
            let name = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
            modules.insert(String(name.prefix { $0 != "." }))
        }
    }
    return modules
}

@Suite struct LayoutTests {
    @Test("A target imports lower floors only", arguments: house.map(\.target))
    func floors(target: String) throws {
        let own = try #require(house.first { $0.target == target })
        for module in try imports(of: target) {
            if let other = house.first(where: { $0.target == module }) {
                let allowed = other.floor < own.floor || (target == "DICOMNetwork" && module == "DICOM")
                #expect(allowed, "\(target) imports \(module), which is not on a lower floor")
            } else {
                #expect(
                    platform.contains(module) || own.outside.contains(module),
                    "\(target) imports \(module), which the house does not list")
            }
        }
    }

    @Test("Every folder of Sources is in the house")
    func complete() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path)
        #expect(Set(folders) == Set(house.map(\.target)))
    }

    @Test("Nothing that the office is made of reaches DCMTK", arguments: office)
    func officeIsPure(target: String) throws {
        var reached: Set<String> = []
        var queue = [target]
        while let next = queue.popLast() {
            guard reached.insert(next).inserted else { continue }
            queue += try imports(of: next).filter { module in house.contains { $0.target == module } }
        }
        #expect(reached.isDisjoint(with: ["CDCMTK", "DICOM", "DICOMNetwork", "Deidentification", "Workers"]))
    }

    @Test("Only its two wrappers import the C++ shim")
    func shimIsHidden() throws {
        for (_, target, _) in house where try imports(of: target).contains("CDCMTK") {
            #expect(["DICOM", "DICOMNetwork"].contains(target))
        }
    }

    @Test("Forwarding and Reports cannot open the vault", arguments: ["Forwarding", "Reports"])
    func vaultIsClosed(target: String) throws {
        #expect(try !imports(of: target).contains("Vault"))
    }

    @Test("SQL is written in the journal and the vault only")
    func sqlHasTwoHomes() throws {
        for (_, target, _) in house where try imports(of: target).contains("GRDB") {
            #expect(["Journal", "Vault"].contains(target))
        }
    }
}
