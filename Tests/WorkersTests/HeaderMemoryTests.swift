import DICOM
import DICOMNetwork
import DICOMVocabulary
import Deidentification
import Foundation
import Spool
import Testing
import WorkerProtocol

@testable import Workers

private typealias Tag = DICOMVocabulary.Tag

/// In a debug build each repeated header is compared with what the whole way makes of the same instance, so that these tests
/// need to look at little more than when a header is repeated, and when not.
@Suite("A lane's memory of headers")
final class HeaderMemoryTests {
    private let folder = NSTemporaryDirectory() + "antipode-headers-\(UUID().uuidString)"
    private let spool: SpoolDirectory

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        spool = SpoolDirectory(path: folder, freeFloor: 0)
        try spool.prepare()
    }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func removal(_ policy: OutwardPolicy = OutwardPolicy()) -> IdentityRemoval {
        IdentityRemoval(policy: policy, scan: ScanBounds(), scratchFile: spool.scratchFile)
    }

    /// A CT slice of 8 by 8 samples of 12 bits, or what `change` makes of it.
    private func file(
        _ number: Int, series: Int = 1, samples: UInt8 = 7, behind: [UInt8] = [],
        _ syntax: TransferSyntax = .explicitVRLittleEndian, change: (DataSetItem) throws -> Void = { _ in }
    ) throws -> InstanceFile {
        let head = DataSet()
        let root = head.root
        try root.set(.imageType, .CS, text: "ORIGINAL\\PRIMARY\\AXIAL")
        try root.set(.sopClassUID, .UI, text: "1.2.840.10008.5.1.4.1.1.2")
        try root.set(.sopInstanceUID, .UI, text: "1.2.752.99.3.\(series).\(number)")
        try root.set(.modality, .CS, text: "CT")
        try root.set(.patientName, .PN, text: "Zebrasson^Qvintus")
        try root.set(.patientID, .LO, text: "19340229-9876")
        try root.set(.studyInstanceUID, .UI, text: "1.2.752.99.1")
        try root.set(.seriesInstanceUID, .UI, text: "1.2.752.99.2.\(series)")
        try root.addItem(to: Tag(0x0008, 0x1140)).set(Tag(0x0008, 0x1155), .UI, text: "1.2.752.99.4.1")
        try root.set(Tag(0x0020, 0x0013), .IS, text: "\(number)")
        for (element, value) in [
            (0x0002, 1), (0x0010, 8), (0x0011, 8), (0x0100, 16), (0x0101, 12), (0x0102, 11), (0x0103, 0),
        ] {
            try root.set(Tag(0x0028, UInt16(element)), .US, [UInt8(value), 0])
        }
        try root.set(Tag(0x0028, 0x0004), .CS, text: "MONOCHROME2")
        try change(root)
        let meta = Part10.meta(
            sopClass: "1.2.840.10008.5.1.4.1.1.2", sopInstance: "1.2.752.99.3", transferSyntax: syntax)
        let value = (0..<64).flatMap { _ in [UInt8(number & 0xFF), samples] } + behind
        let pixels: [UInt8] =
            [0xE0, 0x7F, 0x10, 0x00] + (syntax.isImplicitVR ? [] : Array("OW".utf8) + [0, 0]) + [
                UInt8(truncatingIfNeeded: value.count), UInt8(value.count >> 8), 0, 0,
            ] + value
        let path = folder + "/\(UUID().uuidString).dcm"
        try Data(meta + head.encoded(as: syntax) + pixels).write(to: URL(fileURLWithPath: path))
        return try InstanceFile(
            path: path, bounds: ScanBounds(), wanted: StudyIdentity.wantedTags.union([.seriesInstanceUID]))
    }

    private static func pseudonym(_ identity: StudyIdentity, _ seed: UInt8 = 1, released: Bool = false) -> PseudonymJob
    {
        func token(_ kind: UInt8) -> String { Token(material: (0..<16).map { $0 &* 31 &+ kind &+ seed }).string }
        return PseudonymJob(
            options: ["113103", "113104", "113105", "113106", "113108", "113111"],
            tokens: StudyTokens(
                patientID: token(1), patientName: token(2), accessionNumber: token(3), studyID: token(4)),
            uidKey: [UInt8](repeating: 7, count: 32), identity: identity, pixelsReleased: false)
    }

    /// How many of the instances had their header from the one before.
    private func repetitions(
        _ files: [InstanceFile], by removal: IdentityRemoval, seed: UInt8 = 1,
        accepts: (TransferSyntax) -> Bool = { _ in true }
    ) throws -> Int {
        let before = removal.repetitions
        for file in files {
            let pseudonym = Self.pseudonym(StudyIdentity(header: file.header), seed)
            let departure = try #require(try removal.departure(file, pseudonym, accepts: accepts) { _ in nil })
            #expect(departure.sopInstance.isValid && departure.sopInstance != file.header.uid(.sopInstanceUID))
            #expect(departure.uids.map(\.original).contains("1.2.752.99.4.1"))
        }
        return removal.repetitions - before
    }

    @Test(
        "of a series the fourth image and all that follow, when the third was as foretold",
        arguments: [TransferSyntax.explicitVRLittleEndian, .implicitVRLittleEndian])
    func series(syntax: TransferSyntax) throws {
        let removal = removal()
        #expect(try repetitions((1...3).map { try file($0, syntax) }, by: removal) == 0)
        #expect(try repetitions((4...9).map { try file($0, syntax) }, by: removal) == 6)
        #expect(try repetitions((1...5).map { try file($0, series: 2, syntax) }, by: removal) == 2)
    }

    @Test("of eight series that take turns, and no more of them at once")
    func turns() throws {
        let removal = removal()
        for series in 1...8 { #expect(try repetitions((1...3).map { try file($0, series: series) }, by: removal) == 0) }
        #expect(try repetitions((1...8).map { try file(4, series: $0) }, by: removal) == 8)
        #expect(try repetitions([file(5, series: 1), file(1, series: 9), file(6, series: 1)], by: removal) == 2)
        // The one that was not asked for longest has gone.
        #expect(try repetitions([file(5, series: 2), file(5, series: 3)], by: removal) == 0)
    }

    @Test("not for another patient's tokens, another transfer syntax at the peer or another one in the file")
    func others() throws {
        let removal = removal()
        #expect(try repetitions((1...4).map { try file($0) }, by: removal) == 1)
        #expect(try repetitions([file(5)], by: removal, seed: 2) == 0)
        #expect(try repetitions([file(6), file(7), file(8)], by: removal) == 1)
        #expect(try repetitions([file(9)], by: removal) { $0 == .implicitVRLittleEndian } == 0)
        #expect(try repetitions([file(10, .implicitVRLittleEndian)], by: removal) == 0)
    }

    @Test("an image whose samples hold more than samples goes the whole way")
    func strayBits() throws {
        let removal = removal()
        #expect(try repetitions((1...4).map { try file($0) }, by: removal) == 1)
        let stray = try file(5, samples: 0x17)
        let pseudonym = Self.pseudonym(StudyIdentity(header: stray.header))
        #expect(try removal.departure(stray, pseudonym, accepts: { _ in true }) { _ in nil }?.pixels != nil)
        #expect(removal.repetitions == 1)
        #expect(try repetitions([file(6)], by: removal) == 1)
    }

    /// What becomes of the instance: the code of the failure, or the bytes that would leave.
    private func outcome(_ file: InstanceFile, by removal: IdentityRemoval) throws -> (Failure.Code?, [[UInt8]]) {
        let pseudonym = Self.pseudonym(StudyIdentity(header: file.header))
        do throws(Failure) {
            let departure = try removal.departure(file, pseudonym, accepts: { _ in true }) { _ in nil }
            let parts = departure?.parts ?? []
            return (
                nil,
                parts.map { part in
                    guard case .bytes(let bytes) = part else { return Array("\(part.count)".utf8) }
                    return bytes
                }
            )
        } catch {
            return (error.code, [])
        }
    }

    private static let name = Array("Zebrasson^Qvintus ".utf8)
    /// A fifth slice, whose series said something else under that tag and representation before, and its pixels.
    private struct Fifth: Sendable {
        var tag = Tag(0x0020, 0x0012)
        var vr = VR.IS
        var before = "4"
        var now = "5"
        var samples: UInt8 = 7
        var behind: [UInt8] = []
        var code: Failure.Code?
    }
    private static let fifths: [Fifth] = [
        Fifth(now: "19340229-9876", code: .identityFound),
        Fifth(behind: name, code: .identityFound),
        Fifth(behind: Array("1.2.752.99.3.1.5".utf8), code: .identityFound),
        Fifth(behind: [UInt8](repeating: 9, count: 128), code: .pixelsMayIdentify),
        Fifth(samples: 0x17),
        Fifth(tag: Tag(0x0018, 0x1016), vr: .DS, before: "", now: "12", code: .pixelsMayIdentify),
        Fifth(tag: Tag(0x0018, 0x1010), vr: .IS, before: "", now: "5", code: .pixelsMayIdentify),
        Fifth(tag: .modality, vr: .TM, before: "CT", now: "US", code: .pixelsMayIdentify),
        Fifth(tag: Tag(0x0018, 0x1030), vr: .TM, before: "thorax", now: "dosereport", code: .pixelsMayIdentify),
        Fifth(tag: Tag(0x0018, 0x1020), vr: .DS, before: "1.0", now: "2.0"),
        Fifth(tag: Tag(0x0028, 0x0101), vr: .OB, before: "\u{0C}\0", now: "\u{0C}\0", samples: 0x17),
        Fifth(
            tag: Tag(0x0028, 0x0008), vr: .LO, before: "Zebra 5", now: "Zebra 5",
            behind: [UInt8](repeating: 9, count: 128), code: .pixelsMayIdentify),
    ]

    @Test("what the whole way would hold or clean is held or cleaned", arguments: fifths.indices)
    func held(index: Int) throws {
        let fifth = Self.fifths[index]
        func file(_ number: Int, _ text: String, _ samples: UInt8 = 7, _ behind: [UInt8] = []) throws -> InstanceFile {
            try self.file(number, samples: samples, behind: behind) { try $0.set(fifth.tag, fifth.vr, text: text) }
        }
        let (removal, fresh) = (removal(), removal())
        for number in 1...4 { _ = try outcome(file(number, fifth.before), by: removal) }
        let last = try file(5, fifth.now, fifth.samples, fifth.behind)
        let (found, wanted) = (try outcome(last, by: removal), try outcome(last, by: fresh))
        let isSame = found == wanted
        #expect(isSame, "\(fifth.tag) \(fifth.vr)")
        #expect(found.0 == fifth.code)
    }

    @Test("where a template speaks of the pixels nothing is repeated", arguments: [true, false])
    func policies(blanks: Bool) throws {
        var template = PixelTemplate(name: "all", manufacturer: Glob("*"), model: Glob("*"), rows: 8, columns: 8)
        if blanks { template.blank = [PixelRegion(x: 0, y: 0, width: 2, height: 2)] }
        var policy = OutwardPolicy()
        policy.templates = [template]
        #expect(try repetitions((1...6).map { try file($0) }, by: removal(policy)) == 0)
    }

    @Test("a series whose images differ in more than numbers soon costs nothing")
    func credit() throws {
        let removal = removal()
        let files = try (1...40).map { number in
            try file(number) { try $0.set(.seriesDescription, .LO, text: "Part \(number)") }
        }
        #expect(try repetitions(files, by: removal) == 0)
        #expect(try repetitions((41...43).map { try file($0) }, by: removal) == 0)
        #expect(try repetitions((1...4).map { try file($0, series: 2) }, by: removal) == 1)
    }
}
