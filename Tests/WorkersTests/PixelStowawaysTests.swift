import DICOM
import DICOMVocabulary
import Deidentification
import Foundation
import GatewayTesting
import Spool
import Testing
import WorkerProtocol

@testable import Workers

private typealias Tag = DICOMVocabulary.Tag

/// Identities that travel in group 7FE0 without being pixels.
@Suite("Stowaways in the pixels' group")
final class PixelStowawaysTests {
    private let folder = NSTemporaryDirectory() + "antipode-stowaways-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static let text = Array("Zebrasson^Qvintus 19340229-9876 ".utf8)
    private static let jpeg: [UInt8] =
        [0xFF, 0xD8, 0xFF, 0xDA, 0, 2] + [UInt8](repeating: 7, count: 98) + [0xFF, 0xD9]
    private static let lossless: TransferSyntax = "1.2.840.10008.1.2.4.70"

    private func item(_ bytes: [UInt8]) -> [UInt8] {
        [0xFE, 0xFF, 0x00, 0xE0] + [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: bytes.count >> $0) } + bytes
    }

    private func encapsulated(_ fragments: [[UInt8]], table: [UInt8] = []) -> [UInt8] {
        let items = ([table] + fragments).flatMap { item($0.count % 2 == 0 ? $0 : $0 + [0]) }
        return [0xE0, 0x7F, 0x10, 0x00] + Array("OB".utf8) + [0, 0, 0xFF, 0xFF, 0xFF, 0xFF] + items
            + [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]
    }

    private func native(_ tag: Tag, _ vr: VR, _ value: [UInt8]) throws -> [UInt8] {
        try ElementEncoding.explicitLittleEndian(tag, vr, value)
    }

    /// A CT slice of 8 by 8 samples, or what `change` makes of it, with this group behind.
    private func hold(
        _ group: [UInt8], _ syntax: TransferSyntax = .explicitVRLittleEndian,
        sopClass: String = "1.2.840.10008.5.1.4.1.1.2", released: Bool = false,
        change: (DataSetItem) throws -> Void = { _ in }
    ) throws -> Failure.Code? {
        let head = DataSet()
        let root = head.root
        try root.set(.specificCharacterSet, .CS, text: "ISO_IR 100")
        try root.set(.imageType, .CS, text: "ORIGINAL\\PRIMARY\\AXIAL")
        try root.set(.sopClassUID, .UI, text: sopClass)
        try root.set(.sopInstanceUID, .UI, text: "1.2.752.99.3")
        try root.set(.modality, .CS, text: "CT")
        try root.set(.patientName, .PN, text: "Zebrasson^Qvintus")
        try root.set(.patientID, .LO, text: "19340229-9876")
        try root.set(.studyInstanceUID, .UI, text: "1.2.752.99.1")
        try root.set(.seriesInstanceUID, .UI, text: "1.2.752.99.2")
        for (element, value) in [
            (0x0002, 1), (0x0010, 8), (0x0011, 8), (0x0100, 16), (0x0101, 16), (0x0102, 15), (0x0103, 0),
        ] {
            try root.set(Tag(0x0028, UInt16(element)), .US, [UInt8(value), 0])
        }
        try root.set(Tag(0x0028, 0x0004), .CS, text: "MONOCHROME2")
        try change(root)
        let meta = Part10.meta(sopClass: UID(sopClass), sopInstance: "1.2.752.99.3", transferSyntax: syntax)
        let path = folder + "/\(UUID().uuidString).dcm"
        try Data(meta + head.encoded(as: syntax) + group).write(to: URL(fileURLWithPath: path))
        let file = try InstanceFile(path: path, bounds: ScanBounds(), wanted: StudyIdentity.wantedTags)
        func token(_ kind: UInt8) -> String { Token(material: (0..<16).map { $0 &* 31 &+ kind }).string }
        let pseudonym = PseudonymJob(
            options: [],
            tokens: StudyTokens(
                patientID: token(1), patientName: token(2), accessionNumber: token(3), studyID: token(4)),
            uidKey: [UInt8](repeating: 7, count: 32), identity: StudyIdentity(header: file.header),
            pixelsReleased: released)
        do throws(Failure) {
            _ = try OutwardDraft(
                file, pseudonym,
                Deidentifier(options: ["113103", "113104", "113105", "113106", "113108", "113111"]),
                policy: OutwardPolicy(),
                scan: ScanBounds(), memory: IdentifierMemory(),
                scratchFile: { () throws(Failure) -> CInt in throw Failure(.ioError, .person, .instance, detail: "") },
                accepts: { _ in true })
            return nil
        } catch {
            return error.code
        }
    }

    @Test("samples alone pass, native and compressed")
    func clean() throws {
        #expect(try hold(native(.pixelData, .OW, [UInt8](repeating: 9, count: 128))) == nil)
        #expect(try hold(encapsulated([Self.jpeg], table: [0, 0, 0, 0]), Self.lossless) == nil)
    }

    @Test("what hides in encapsulated pixel data is found, wherever it stands")
    func encapsulatedPlaces() throws {
        let (jpeg, text) = (Self.jpeg, Self.text)
        let comment = [0xFF, 0xFE, 0, UInt8(text.count + 2)] + text
        let box = Array("\0\0\0\u{30}xml ".utf8) + text
        let places: [(String, [UInt8])] = [
            ("after the end", encapsulated([jpeg + text])),
            ("a comment behind the scan", encapsulated([jpeg.dropLast(2) + comment + jpeg.suffix(2)])),
            ("a second fragment", encapsulated([jpeg, text])),
            ("the offset table", encapsulated([jpeg], table: text)),
            ("a box", encapsulated([Array("\0\0\0\u{0C}jP  ".utf8) + [0x0D, 0x0A, 0x87, 0x0A] + box])),
            ("user data of a video", encapsulated([[0, 0, 1, 0xB3, 1, 2, 3, 4, 0, 0, 1, 0xB2] + text])),
            ("far inside", encapsulated([[UInt8](repeating: 0xAB, count: 65_600) + text + [0xAB, 0xAB]])),
            ("in UTF-16", encapsulated([jpeg + "Zebrasson".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }])),
            ("glued to bytes beyond ASCII", encapsulated([[0xE9, 0xE9] + Array("QVINTUS".utf8) + [0xE9, 0xE9]])),
        ]
        for (place, group) in places {
            #expect(try hold(group, Self.lossless) == .identityFound, "\(place)")
            // A person's word for the pixels is no word for what stands beside them.
            #expect(try hold(group, Self.lossless, released: true) == .identityFound, "\(place)")
        }
        let table = try native(Tag(0x7FE0, 0x0001), .OV, Self.text)
        #expect(try hold(table + encapsulated([jpeg]), Self.lossless) == .identityFound)
        let segment = [UInt8](repeating: 0, count: 64) + [UInt8](repeating: 1, count: 20) + text
        #expect(try hold(encapsulated([segment]), .rleLossless) == .identityFound)
    }

    @Test("bytes behind native samples are found in each of the three elements")
    func surplus() throws {
        let samples = [UInt8](repeating: 9, count: 128)
        #expect(try hold(native(.pixelData, .OW, samples + Self.text)) == .identityFound)
        #expect(
            try hold(native(.pixelData, .OW, samples + [UInt8](repeating: 1, count: 70_000) + Self.text))
                == .identityFound)
        let map = "1.2.840.10008.5.1.4.1.1.30"
        for (element, vr, size) in [(UInt16(0x0008), VR.OF, 4), (0x0009, .OD, 8)] {
            let floats = [UInt8](repeating: 0, count: 64 * size)
            let tag = Tag(0x7FE0, element)
            let allocated: (DataSetItem) throws -> Void = {
                try $0.set(Tag(0x0028, 0x0100), .US, [UInt8(size * 8), 0])
                for gone: UInt16 in [0x0101, 0x0102, 0x0103] { $0.remove(Tag(0x0028, gone)) }
            }
            #expect(try hold(native(tag, vr, floats), sopClass: map, change: allocated) == nil)
            #expect(try hold(native(tag, vr, floats + Self.text), sopClass: map, change: allocated) == .identityFound)
        }
    }

    @Test("pictures that the header does not count are held until somebody let them go; padding is none")
    func uncounted() throws {
        let samples = [UInt8](repeating: 9, count: 128)
        let second = try native(.pixelData, .OW, samples + samples)
        #expect(try hold(second) == .pixelsMayIdentify)
        #expect(try hold(second, released: true) == nil)
        #expect(try hold(second) { try $0.set(Tag(0x0028, 0x0008), .IS, text: "2") } == nil)
        #expect(try hold(native(.pixelData, .OW, samples + [UInt8](repeating: 0, count: 512))) == nil)
        #expect(try hold(native(.pixelData, .OW, samples + [UInt8](repeating: 9, count: 16))) == nil)
        let two = encapsulated([Self.jpeg, Self.jpeg])
        #expect(try hold(two, Self.lossless) == .pixelsMayIdentify)
        #expect(try hold(two, Self.lossless, released: true) == nil)
        #expect(try hold(encapsulated([Self.jpeg, [UInt8](repeating: 7, count: 100)]), Self.lossless) == nil)
        let segment = [UInt8](repeating: 0, count: 64) + [UInt8](repeating: 1, count: 20)
        #expect(try hold(encapsulated([segment, segment]), .rleLossless) == .pixelsMayIdentify)
        #expect(try hold(encapsulated([segment]), .rleLossless) == nil)
    }

    @Test("pixel data that no header describes are held, and searched when somebody let them go")
    func undescribed() throws {
        let group = try native(.pixelData, .OW, Self.text)
        let harmless = try native(.pixelData, .OW, [1, 2, 3, 4])
        let bare: (DataSetItem) throws -> Void = {
            $0.remove(.rows)
            $0.remove(.columns)
        }
        let classes = ["1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.88.33", "1.2.840.10008.5.1.4.1.1.481.3"]
        for sopClass in classes {
            #expect(try hold(harmless, sopClass: sopClass, change: bare) == .pixelsMayIdentify)
            #expect(try hold(harmless, sopClass: sopClass, released: true, change: bare) == nil)
            #expect(try hold(group, sopClass: sopClass, released: true, change: bare) == .identityFound)
        }
    }
}
