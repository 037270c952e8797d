// The house as docs/architecture.md draws it, as Package.swift builds it, and as the files import it.

import Foundation
import Testing

/// One row of the page's table of targets.
struct Room: Sendable, CustomStringConvertible {
    var target: String
    /// Of `T`, the targets that only tests import, one above the highest.
    var floor: Int
    /// Modules of other packages.
    var outside: Set<String>

    var description: String { target }
}

enum House {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// From "## The house" to the next heading.
    private static func page() throws -> [Substring] {
        try text("docs/architecture.md").split(separator: "\n").drop { $0 != "## The house" }.dropFirst()
            .prefix { !$0.hasPrefix("## ") }
    }

    static let rooms: [Room] = (try? page())?.compactMap(room) ?? []

    /// `| floor | \`Target\` | what it is | outside |`
    private static func room(_ line: Substring) -> Room? {
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        guard cells.count == 4, cells[1].hasPrefix("`"), cells[1].hasSuffix("`") else { return nil }
        guard let floor = cells[0] == "T" ? Int.max : Int(cells[0]) else { return nil }
        let outside = cells[3] == "–" ? [] : cells[3].split(separator: ",")
        return Room(
            target: cells[1].trimmingCharacters(in: ["`"]), floor: floor,
            outside: Set(outside.map { $0.trimmingCharacters(in: .whitespaces) }))
    }

    static func room(of target: String) -> Room? { rooms.first { $0.target == target } }

    /// What the page allows on one floor: "A may import B".
    static let neighbours: Set<[String]> = {
        guard let text = try? page().joined(separator: " ") else { return [] }
        return Set(text.matches(of: #/(\w+) may import (\w+)/#).map { [String($0.1), String($0.2)] })
    }()

    /// Modules that come with the toolchain.
    private static let platform: Set<String> = [
        "Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Synchronization", "RegexBuilder", "Testing",
    ]

    /// The modules that the files of a folder import, without those of the toolchain.
    static func imports(in folder: String) throws -> Set<String> {
        let line =
            #/(?m)^(?:@testable |public |package |internal )*import (?:(?:struct|class|enum|func|protocol|let|var|typealias) )?(\w+)/#
        var modules: Set<String> = []
        let files = FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            let text = try String(contentsOf: file, encoding: .utf8)
            modules.formUnion(text.matches(of: line).map { String($0.1) })
        }
        return modules.subtracting(platform)
    }

    static func imports(of target: String) throws -> Set<String> { try imports(in: "Sources/\(target)") }

    /// Everything that a target is made of, itself included.
    static func madeOf(_ target: String) throws -> Set<String> {
        var reached: Set<String> = []
        var queue = [target]
        while let next = queue.popLast() {
            guard reached.insert(next).inserted else { continue }
            queue += try imports(of: next).filter { room(of: $0) != nil }
        }
        return reached
    }
}

/// A target of Package.swift that is written in Swift.
struct PackageTarget: Sendable, CustomStringConvertible {
    var name: String
    /// `Sources/NAME` or `Tests/NAME`.
    var folder: String
    /// Names of targets, and of the products of other packages, which are those of their modules.
    var dependencies: Set<String>

    var description: String { name }

    static let all: [PackageTarget] = (try? read()) ?? []

    private static func read() throws -> [PackageTarget] {
        let package = try House.text("Package.swift")
        let short = Dictionary(
            package.matches(of: #/let (\w+) = Target\.Dependency\.product\(name: "(\w+)"/#)
                .map { (String($0.1), String($0.2)) }, uniquingKeysWith: { first, _ in first })
        let list = package.split(separator: "    targets: [\n").last ?? ""
        // Each target begins a line of its own, eight spaces in.
        let calls = list.split(separator: #/\n {8}(?=\w|\.)/#).filter {
            $0.contains(#/^\s*(floor|tests|\.executableTarget)\(/#)
        }
        return calls.map { call in
            let bare = call.replacing(#/ *//.*/#, with: "").replacing(#/, package: "[^"]*"/#, with: "")
            let names = bare.matches(of: #/"(\w+)"/#).map { String($0.1) }
            let words = bare.replacing(#/"[^"]*"/#, with: "").matches(of: #/\w+/#).map { String($0.0) }
            let isTests = bare.drop { $0 == " " }.hasPrefix("tests(")
            return PackageTarget(
                name: names.first ?? "", folder: (isTests ? "Tests/" : "Sources/") + (names.first ?? ""),
                dependencies: Set(names.dropFirst() + words.compactMap { short[$0] }))
        }
    }
}
