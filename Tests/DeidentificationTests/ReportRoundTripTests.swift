import DICOM
import DICOMVocabulary
import Foundation
import GatewayTesting
import Testing
import WorkerProtocol

@testable import Deidentification

@Suite("Reports there and back", .enabled(if: SharedFiles.areHere, "\(SharedFiles.skip)"))
struct ReportRoundTripTests {
    private let options = Options.recommended

    @Test("a report that goes out as a prior and comes back has its identity, its references and no token")
    func roundTrip() throws {
        var texts = 0
        for path in try SharedFiles.reports() {
            let name = path.suffix(12)
            let source = try Source(path)
            let original = try Source(path).dataSet
            // The round trip needs somebody to be restored.
            let job = DeidentificationJob.sample(source.identity)
            let secrets = names(original)
            let result = try Deidentifier(options: options).pseudonymise(source.dataSet, job: job)
            let outside = try source.dataSet.encoded(as: source.transferSyntax)
            for secret in secrets { #expect(!outside.contains(sequence: secret), "\(name)") }
            #expect(source.dataSet.root.text(.patientName) == job.tokens.patientName)

            let contents = ReportReader.contents(of: source.dataSet)
            #expect(contents.patientID == job.tokens.patientID)
            #expect(contents.study.string.hasPrefix("2.25."))
            let own = [Tag.studyInstanceUID, .sopInstanceUID, .seriesInstanceUID].map {
                UIDPair(original: UID(original.root.text($0)), pseudonym: UID(source.dataSet.root.text($0)))
            }
            let restorer = ReportRestorer(identity: source.identity, tokens: job.tokens, uids: result.uids + own)
            _ = try restorer.restore(source.dataSet)
            let root = source.dataSet.root
            for tag in [
                Tag.patientName, .patientID, .patientBirthDate, .patientSex, .accessionNumber, .studyID, .studyDate,
                .studyInstanceUID, .referringPhysicianName,
            ] { #expect(root[tag]?.value ?? [] == original.root[tag]?.value ?? [], "\(name) \(tag)") }
            #expect(references(source.dataSet) == references(original), "\(name)")
            let inside = try source.dataSet.encoded(as: source.transferSyntax)
            for token in [job.tokens.patientID, job.tokens.patientName, job.tokens.accessionNumber] {
                #expect(!inside.contains(sequence: Array(token.utf8)), "\(name)")
            }
            if ReportReader.text(of: original).split(separator: "\n").count > 5 { texts += 1 }
        }
        #expect(texts >= 15)
    }

    @Test("the content tree keeps its shape: value types, relations, numbers and published codes")
    func shape() throws {
        for path in try SharedFiles.reports() {
            let source = try Source(path)
            let original = try Source(path).dataSet
            _ = try Deidentifier(options: options).pseudonymise(source.dataSet, job: .sample(source.identity))
            #expect(outline(source.dataSet.root) == outline(original.root), "\(path.suffix(12))")
        }
    }

    @Test("the text of a report shows its title, its patient and its headings, in the right characters")
    func text() throws {
        for path in try SharedFiles.reports() {
            let dataSet = try Source(path).dataSet
            let text = ReportReader.text(of: dataSet)
            #expect(!text.unicodeScalars.contains("\u{FFFD}"))
            #expect(text.contains("Patient: "))
            #expect(text.split(separator: "\n").count >= 2)
        }
    }

    /// Names of persons, as bytes of their longer parts.
    private func names(_ dataSet: DataSet) -> Set<[UInt8]> {
        var all: Set<[UInt8]> = []
        var pending = [dataSet.root]
        while let item = pending.popLast() {
            for element in item.elements {
                pending += element.items
                guard element.vr == .PN else { continue }
                for part in element.value.split(whereSeparator: { [0x5E, 0x20, 0x5C].contains($0) })
                where part.count >= 5 {
                    all.insert(Array(part))
                }
            }
        }
        return all
    }

    private func references(_ dataSet: DataSet) -> [String] {
        var all: [String] = []
        var pending = [dataSet.root]
        while let item = pending.popLast() {
            for element in item.elements {
                pending += element.items
                let own = [Tag.sopInstanceUID, .seriesInstanceUID].contains(element.tag)
                if element.vr == .UI, !own { all.append(String(decoding: element.value, as: UTF8.self)) }
            }
        }
        return all.sorted()
    }

    private func outline(_ item: DataSetItem) -> [String] {
        (item[.contentSequence]?.items ?? []).flatMap { child in
            let number = child[Tag(0x0040, 0xA300)]?.items.first?.text(Tag(0x0040, 0xA30A)) ?? ""
            let concept = child[Tag(0x0040, 0xA043)]?.items.first?.text(.codeValue) ?? ""
            let line = "\(child.text(Tag(0x0040, 0xA040))) \(child.text(Tag(0x0040, 0xA010))) \(concept) \(number)"
            return [line] + outline(child).map { "  " + $0 }
        }
    }
}
