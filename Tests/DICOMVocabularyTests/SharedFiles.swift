// The developer set of DICOM files beside the tree, where it is present.

import Foundation

enum SharedFiles {
    struct Row {
        let path: String
        let columns: [String: String]
        subscript(name: String) -> String { columns[name] ?? "" }
    }

    /// `ANTIPODE_SHARED`, or `shared` beside the package.
    static let root: URL = {
        if let path = ProcessInfo.processInfo.environment["ANTIPODE_SHARED"] {
            return URL(fileURLWithPath: path)
        }
        return URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("shared")
    }()

    static let rows: [Row] = {
        let manifest = root.appendingPathComponent("dicom/manifest.tsv")
        guard let text = try? String(contentsOf: manifest, encoding: .utf8) else { return [] }
        let lines = text.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false)
        }
        guard let names = lines.first else { return [] }
        return lines.dropFirst().map { fields in
            let columns = Dictionary(
                zip(names, fields).map { (String($0), String($1)) }, uniquingKeysWith: { first, _ in first }
            )
            return Row(
                path: root.appendingPathComponent("dicom").appendingPathComponent(columns["path"] ?? "")
                    .path,
                columns: columns)
        }
    }()

    static let skip = "needs the developer set of DICOM files (ANTIPODE_SHARED, or ../shared)"
}
