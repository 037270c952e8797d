import Foundation
import Glibc

@testable import antipode

/// A folder made by `Initialiser`, once for all tests that only look at copies of it: keys take a while.
enum TrialFolder {
    static let original: Swift.Result<String, any Error> = Swift.Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("antipode-init-\(UUID())")
        var options = Initialiser.Options(directory: folder.path)
        options.surroundings = surroundings
        _ = try Initialiser(options).run()
        atexit {
            if let path = try? TrialFolder.original.get() { try? FileManager.default.removeItem(atPath: path) }
        }
        return folder.path
    }

    /// The worker's executable is looked at by the check.
    static var surroundings: Configuration.Surroundings {
        var surroundings = Sample.surroundings
        surroundings.executable = "/bin/sh"
        return surroundings
    }

    static var options: Check.Options {
        var options = Check.Options()
        options.surroundings = surroundings
        return options
    }

    /// Lends a copy, to be spoilt.
    static func withCopy(_ body: (URL) throws -> Void) throws {
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("antipode-copy-\(UUID())")
        try FileManager.default.copyItem(at: URL(fileURLWithPath: try original.get()), to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }
        try body(copy)
    }

    static func mode(_ url: URL) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }

    static func setMode(_ mode: Int, _ url: URL) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
    }
}
