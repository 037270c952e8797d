import DICOM
import DICOMVocabulary
import Foundation
import Testing

@testable import Deidentification

@Suite("Real studies")
struct RealStudiesTests {
    @Test("explore", .enabled(if: SharedFiles.areHere))
    func explore() throws {
        let deidentifier = try Deidentifier(options: Options.recommended)
        var holds: [String: Int] = [:]
        var hitsByPath: [String: Int] = [:]
        var failures: [String: Int] = [:]
        var done = 0
        for row in try SharedFiles.manifest() where row.kind == "instance" {
            do {
                let source = try Source(row.path)
                let reason = HoldRules.reason(for: HoldFacts(source.dataSet), pixelsReleased: false, options: deidentifier.profile.options)
                if let reason { holds["\(row.modality) \(row.sopClass.suffix(12)) \(reason.code) \(reason.detail)", default: 0] += 1 }
                let identityGuard = IdentityGuard(identities: [source.identity], instance: source.dataSet)
                _ = try deidentifier.pseudonymise(source.dataSet, job: .sample(source.identity))
                let bytes = try source.dataSet.encoded(as: source.transferSyntax)
                let hits = try identityGuard.search(bytes, transferSyntax: source.transferSyntax, dataSet: source.dataSet)
                for hit in hits { hitsByPath["\(hit) \(row.path.suffix(60))", default: 0] += 1 }
                done += 1
            } catch let failure as Failure {
                failures["\(failure.code) \(failure.detail) \(row.path.suffix(60))", default: 0] += 1
            }
        }
        print("done", done)
        for (key, count) in holds.sorted(by: { $0.key < $1.key }) { print("HOLD", count, key) }
        for (key, count) in hitsByPath.sorted(by: { $0.key < $1.key }) { print("HIT", count, key) }
        for (key, count) in failures.sorted(by: { $0.key < $1.key }) { print("FAIL", count, key) }
    }
}
