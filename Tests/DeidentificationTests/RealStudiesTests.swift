import DICOM
import DICOMVocabulary
import Foundation
import GatewayTesting
import Testing

@testable import Deidentification

@Suite(
    "Real studies", .enabled(if: SharedFiles.areHere, "\(SharedFiles.skip)"), .serialized)
struct RealStudiesTests {
    /// Files whose patient or physician is named like a machine, a body part or a placeholder: the guard holds them, which
    /// is right, since it cannot know.
    private static let namedLikeThings = [
        "dcm_qa_agfa/", "dcmqi/sr-example/", "img/prLUTs.dcm", "img/prOverlay.dcm", "dicom/1.dcm",
    ]

    /// nil where text beyond ASCII is not of the declared character set: such objects are held.
    private func pseudonymise(_ source: Source, _ deidentifier: Deidentifier) throws -> DeidentificationResult? {
        do throws(Failure) {
            return try deidentifier.pseudonymise(source.dataSet, job: .sample(source.identity))
        } catch {
            guard error.code == .unreadable, error.detail.contains("(0008,0005)") else { throw error }
            return nil
        }
    }

    @Test("every instance is pseudonymised, the guard finds nothing, and no identifier is left in the bytes")
    func forward() throws {
        let deidentifier = try Deidentifier(options: Options.recommended)
        var done = 0
        var undeclared = 0
        for row in SharedFiles.rows where row["kind"] == "instance" && !row.path.contains("/deflate/") {
            guard let source = try? Source(row.path) else { continue }
            let identityGuard = IdentityGuard(identities: [source.identity], instance: source.dataSet)
            let secrets = Secrets(source.dataSet)
            guard try pseudonymise(source, deidentifier) != nil else {
                undeclared += 1
                continue
            }
            let bytes = try source.dataSet.encoded(as: source.transferSyntax)
            done += 1
            guard !Self.namedLikeThings.contains(where: row.path.contains) else { continue }
            let hits = try identityGuard.search(
                bytes, transferSyntax: source.transferSyntax, dataSet: source.dataSet)
            #expect(hits.isEmpty, "\(row.path.suffix(40))")
            #expect(secrets.left(in: bytes) == [], "\(row.path.suffix(40))")
        }
        #expect(done > 700)
        #expect(undeclared < 20, "\(undeclared)")
    }

    @Test("references inside a study resolve as before, and distinct UIDs stay distinct")
    func references() throws {
        let deidentifier = try Deidentifier(options: Options.recommended)
        var before: [String: Set<String>] = [:]
        var pseudonyms: [UID: UID] = [:]
        for row in SharedFiles.rows
        where row["kind"] == "instance" && ["CT", "PT", "RTSTRUCT", "SR"].contains(row["modality"]) {
            guard let source = try? Source(row.path) else { continue }
            let original = UID(source.dataSet.root.text(.frameOfReferenceUID))
            guard let result = try pseudonymise(source, deidentifier) else { continue }
            for pair in result.uids {
                #expect(pseudonyms[pair.original] ?? pair.pseudonym == pair.pseudonym)
                pseudonyms[pair.original] = pair.pseudonym
            }
            guard !original.string.isEmpty, !original.isStandard else { continue }
            before[original.string, default: []].insert(source.dataSet.root.text(.frameOfReferenceUID))
        }
        #expect(before.values.allSatisfy { $0.count == 1 })
        #expect(Set(pseudonyms.values).count == pseudonyms.count)
    }

    @Test("dciodvfy finds no new error", .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/dciodvfy")))
    func validator() throws {
        let deidentifier = try Deidentifier(options: Options.recommended)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var kinds: Set<String> = []
        for row in SharedFiles.rows where row["kind"] == "instance" && row["modality"] != "SM" {
            guard kinds.insert(row["sop_class_uid"] + row["manufacturer"] + row["model"]).inserted,
                let source = try? Source(row.path)
            else { continue }
            let path = folder.appendingPathComponent("x.dcm").path
            let before = try Validator.errors(source, path)
            guard try pseudonymise(source, deidentifier) != nil else { continue }
            let after = try Validator.errors(source, path)
            #expect(after.subtracting(before) == [], "\(row.path.suffix(60))")
        }
        #expect(kinds.count > 40)
    }
}

/// An independent look for identifiers: plain substrings, none of the guard's code.
private struct Secrets {
    private var values: Set<[UInt8]> = []

    init(_ dataSet: DataSet) {
        let root = dataSet.root
        let tags: [Tag] = [
            .patientName, .patientID, .accessionNumber, .studyInstanceUID, .seriesInstanceUID, .sopInstanceUID,
            .referringPhysicianName, .frameOfReferenceUID, Tag(0x0008, 0x0080), Tag(0x0008, 0x1050),
            Tag(0x0010, 0x1040),
        ]
        for tag in tags {
            guard let value = root[tag]?.value, value.count >= 8 else { continue }
            let text = String(decoding: value, as: UTF8.self)
            if !UID(text).isStandard { values.insert(Self.folded(value)) }
        }
    }

    private static func folded(_ bytes: [UInt8]) -> [UInt8] { bytes.map(IdentifierPatterns.fold) }

    /// How long what was found is; never what.
    func left(in bytes: [UInt8]) -> [Int] {
        let folded = Data(Self.folded(bytes))
        return values.filter { folded.range(of: Data($0)) != nil }.map(\.count)
    }
}

private enum Validator {
    /// The error lines of `dciodvfy -new`, without values.
    static func errors(_ source: Source, _ path: String) throws -> Set<String> {
        let root = source.dataSet.root
        let syntax = source.transferSyntax
        var bytes = Part10.meta(
            sopClass: UID(root.text(.sopClassUID)), sopInstance: UID(root.text(.sopInstanceUID)), transferSyntax: syntax
        )
        bytes += try source.dataSet.encoded(as: syntax)
        if let bulk = source.file.header.bulk { bytes += try source.file.read(bulk) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/dciodvfy")
        process.arguments = ["-new", path]
        let output = Pipe()
        process.standardError = output
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Set(
            text.split(separator: "\n").filter { $0.hasPrefix("Error") }.map { line in
                // Paths and modules stand between angle brackets, and so do values: those are left out.
                line.split(separator: "<", omittingEmptySubsequences: false).enumerated().map { index, part in
                    index == 0 || part.hasPrefix("/") || line.contains("Module=<\(part)")
                        ? String(part) : String(part.drop { $0 != ">" })
                }.joined(separator: "<")
            })
    }
}
