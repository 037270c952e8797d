// The page, the package and the imports tell of one house.

import Foundation
import Testing

@Suite struct LayoutTests {
    @Test("The page and the package are read at all")
    func isRead() {
        #expect(House.rooms.count > 15)
        #expect(House.room(of: "Journal")?.outside == ["GRDB"])
        #expect(House.neighbours.contains(["DICOMNetwork", "DICOM"]))
        #expect(PackageTarget.all.filter { $0.folder.hasPrefix("Tests/") }.count > 15)
        #expect(PackageTarget.all.first { $0.name == "Vault" }?.dependencies == ["DICOMVocabulary", "GRDB", "Crypto"])
    }

    @Test("A target imports lower floors only, and of other packages what the page lists", arguments: House.rooms)
    func floors(room: Room) throws {
        for module in try House.imports(of: room.target) {
            if let other = House.room(of: module) {
                let isAllowed = other.floor < room.floor || House.neighbours.contains([room.target, module])
                #expect(isAllowed, "\(room) imports \(module), which is not on a lower floor")
            } else {
                #expect(room.outside.contains(module), "\(room) imports \(module), which the page does not list")
            }
        }
        #expect(
            try room.outside.isSubset(of: House.imports(of: room.target)), "the page lists a module that nobody imports"
        )
    }

    @Test("Page, package and folders name the same targets")
    func complete() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: House.root.appending(path: "Sources").path)
        #expect(Set(folders) == Set(House.rooms.map(\.target)))
        let built = PackageTarget.all.map(\.folder).filter { $0.hasPrefix("Sources/") }
        // What is not Swift is declared in a way of its own.
        #expect(Set(built + ["Sources/CDCMTK", "Sources/CXXHash"]) == Set(House.rooms.map { "Sources/\($0.target)" }))
    }

    @Test("Page names every folder at the top")
    func topLevel() throws {
        let ignored = try House.text(".gitignore").split(separator: "\n").map { $0.trimmingCharacters(in: ["/", "*"]) }
        let page = try House.text("docs/architecture.md").components(separatedBy: "\nTop level: ")
        let top = (page.dropFirst().first ?? "").prefix { $0 != "#" }
        let urls = try FileManager.default.contentsOfDirectory(
            at: House.root, includingPropertiesForKeys: [.isDirectoryKey], options: .skipsHiddenFiles)
        let folders = try urls.filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
            .map(\.lastPathComponent).filter { name in !ignored.contains { name.hasPrefix($0) } }
        #expect(folders.count > 6)
        for name in folders { #expect(top.contains(name), "\(name)") }
    }

    @Test("NOTICE names every library that is linked and every package that is built in")
    func notice() throws {
        let notice = try House.text("NOTICE").lowercased()
        let package = try House.text("Package.swift")
        let names = [
            "dcmtls": "dcmtk", "dcmnet": "dcmtk", "dcmjpeg": "dcmtk", "dcmdata": "dcmtk", "oflog": "dcmtk",
            "ofstd": "dcmtk", "openjp2": "openjpeg", "ssl": "openssl", "crypto": "openssl", "z": "zlib",
        ]
        let list = package.firstMatch(of: #/dcmtkLibraries: \[LinkerSetting\] = \[([^\]]*)\]/#)?.1 ?? ""
        let linked = list.matches(of: #/"(\w+)"/#).map { String($0.1) }
        #expect(linked.contains("openjp2") && linked.count > 8)
        let fetched = package.matches(of: #/url: "[^"]*\/([^"\/]+?)(?:\.git)?"/#).map { String($0.1) }
        #expect(fetched.count > 6)
        for name in linked.map({ names[$0] ?? $0 }) + fetched {
            #expect(notice.contains(name.lowercased()), "\(name)")
        }
    }

    @Test("A target depends on what it imports, and on nothing else", arguments: PackageTarget.all)
    func dependencies(target: PackageTarget) throws {
        let imports = try House.imports(in: target.folder)
        #expect(imports.subtracting(target.dependencies) == [], "imported and not declared in Package.swift")
        #expect(target.dependencies.subtracting(imports) == [], "declared in Package.swift and not imported")
    }

    @Test("Nothing that the office is made of reaches DCMTK")
    func officeIsPure() throws {
        let office = try House.madeOf("Gateway").union(House.madeOf("Console"))
        #expect(
            office.isSuperset(of: [
                "Spool", "Journal", "Vault", "WorkerProtocol", "Intake", "Routing", "Forwarding", "Reports",
            ]))
        #expect(office.isDisjoint(with: ["CDCMTK", "DICOM", "DICOMNetwork", "Deidentification", "Workers"]))
    }

    @Test("Only its two wrappers import the C++ shim")
    func shimIsHidden() throws {
        let importers = try House.rooms.map(\.target).filter { try House.imports(of: $0).contains("CDCMTK") }
        #expect(Set(importers) == ["DICOM", "DICOMNetwork"])
    }

    @Test("Forwarding and Reports cannot open the vault", arguments: ["Forwarding", "Reports"])
    func vaultIsClosed(target: String) throws {
        #expect(try !House.madeOf(target).contains("Vault"))
    }

    @Test("SQL is written in the journal and the vault only")
    func sqlHasTwoHomes() throws {
        let importers = try House.rooms.map(\.target).filter { try House.imports(of: $0).contains("GRDB") }
        #expect(Set(importers) == ["Journal", "Vault"])
    }
}
