// Real DICOM files from outside the tree, for the tests that use them when they are there.

import Foundation

/// The folder of `ANTIPODE_SHARED`, or `shared` beside the package, and its list of DICOM files.
///
/// ```swift
/// @Test("…", .enabled(if: SharedFiles.areHere, "\(SharedFiles.skip)"))
/// ```
package enum SharedFiles {
    /// A line of the list. Columns are named as in its head; one that is not there is empty.
    package struct Row: Sendable {
        private let columns: [String: String]

        fileprivate init(_ columns: [String: String]) { self.columns = columns }

        package subscript(name: String) -> String { columns[name] ?? "" }

        /// Of the file, absolute.
        package var path: String { SharedFiles.folder + "/dicom/" + self["path"] }
        package var bytes: [UInt8] { FileManager.default.contents(atPath: path).map { Array($0) } ?? [] }
    }

    package static let skip = "needs the developer set of DICOM files (ANTIPODE_SHARED, or ../shared)"
    package static var areHere: Bool { !rows.isEmpty }

    package static let folder: String = {
        if let given = ProcessInfo.processInfo.environment["ANTIPODE_SHARED"] { return given }
        var root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return root.appendingPathComponent("shared").path
    }()

    package static let rows: [Row] = {
        guard let text = try? String(contentsOfFile: folder + "/dicom/manifest.tsv", encoding: .utf8) else { return [] }
        let lines = text.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        guard let names = lines.first else { return [] }
        return lines.dropFirst().map { Row(Dictionary(zip(names, $0)) { first, _ in first }) }
    }()

    /// DCMTK's sample reports.
    package static func reports() throws -> [String] {
        let path = folder + "/corpora/sr-dcmtk-samples"
        return try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".dcm") }.sorted()
            .map { path + "/" + $0 }
    }
}
