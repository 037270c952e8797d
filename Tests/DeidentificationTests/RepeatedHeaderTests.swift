import DICOM
import DICOMVocabulary
import GatewayTesting
import Simulation
import Testing

@testable import Deidentification

/// A header before group 7FE0, and what the whole way makes of it.
private struct Header {
    let source: [UInt8]
    let syntax: TransferSyntax

    init(_ source: [UInt8], _ syntax: TransferSyntax) { (self.source, self.syntax) = (source, syntax) }

    init(_ slice: Slice, _ syntax: TransferSyntax = .explicitVRLittleEndian) throws {
        self.init(try slice.dataSet().encoded(as: syntax), syntax)
    }

    func dataSet() throws -> DataSet { try DataSet(bytes: source, transferSyntax: syntax) }

    func whole(_ options: [String] = Options.recommended, as left: TransferSyntax? = nil) throws -> [UInt8] {
        let dataSet = try dataSet()
        _ = try Deidentifier(options: options).pseudonymise(dataSet, job: .sample(Slice.identity))
        return try dataSet.encoded(as: left ?? syntax)
    }

    func repeated(_ options: [String] = Options.recommended, as left: TransferSyntax? = nil) throws -> RepeatedHeader? {
        let elements = try dataSet().root.elements
        return RepeatedHeader(
            source, syntax,
            representations: Dictionary(elements.map { ($0.tag, $0.vr) }, uniquingKeysWith: { first, _ in first }),
            left: try whole(options, as: left), left ?? syntax, profile: try DeidentificationProfile(options: options),
            uidKey: Array(repeating: 0x5A, count: 32))
    }
}

/// One of a CT series.
private struct Slice {
    var number = 1
    var position = "-120.5\\-88\\31.25"
    var time = "093011.21"
    /// What implicit VR does not say the representation of is judged by its value.
    var safePrivate = "1"
    var change: (DataSetItem) throws -> Void = { _ in }

    static let identity = StudyIdentity(
        characterSet: "ISO_IR 100",
        attributes: [RawAttribute(tag: .patientName, vr: .PN, value: Array("Zebrasson^Qvintus".utf8))])

    var uid: String { "1.2.752.99.3.\(number)" }

    func dataSet() throws -> DataSet {
        let dataSet = DataSet()
        let root = dataSet.root
        try root.set(.specificCharacterSet, .CS, text: "ISO_IR 100")
        try root.set(.imageType, .CS, text: "ORIGINAL\\PRIMARY\\AXIAL")
        try root.set(.sopClassUID, .UI, text: "1.2.840.10008.5.1.4.1.1.2")
        try root.set(.sopInstanceUID, .UI, text: uid)
        try root.set(.studyDate, .DA, text: "20261103")
        try root.set(Tag(0x0008, 0x0033), .TM, text: time)
        try root.set(.modality, .CS, text: "CT")
        try root.set(.seriesDescription, .LO, text: "Thorax 1.25 Lung")
        try root.set(.patientName, .PN, text: "Zebrasson^Qvintus")
        try root.set(.patientID, .LO, text: "19340229-9876")
        try root.set(.patientBirthDate, .DA, text: "19340229")
        let item = try root.addItem(to: Tag(0x0008, 0x1140))
        try item.set(Tag(0x0008, 0x1150), .UI, text: "1.2.840.10008.5.1.4.1.1.2")
        try item.set(Tag(0x0008, 0x1155), .UI, text: "1.2.752.99.4.1")
        try root.set(Tag(0x0009, 0x0010), .LO, text: "UNKNOWN CREATOR")
        try root.set(Tag(0x0009, 0x1001), .OB, [UInt8(truncatingIfNeeded: number), 2, 3, 4])
        try root.set(Tag(0x0018, 0x0050), .DS, text: "1.25")
        try root.set(Tag(0x0018, 0x1151), .IS, text: "\(200 + number)")
        try root.set(Tag(0x0018, 0x9327), .FD, [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 8))
        try root.set(Tag(0x0019, 0x0010), .LO, text: "SIEMENS MR HEADER")
        try root.set(Tag(0x0019, 0x100C), .IS, text: safePrivate)
        try root.set(.studyInstanceUID, .UI, text: "1.2.752.99.1")
        try root.set(.seriesInstanceUID, .UI, text: "1.2.752.99.2")
        try root.set(Tag(0x0020, 0x0013), .IS, text: "\(number)")
        try root.set(Tag(0x0020, 0x0032), .DS, text: position)
        try root.set(Tag(0x0028, 0x0106), .US, [UInt8(truncatingIfNeeded: number), 0])
        try root.set(Tag(0x0028, 0x0010), .US, [8, 0])
        try change(root)
        return dataSet
    }
}

@Suite("Headers that repeat the one before")
struct RepeatedHeaderTests {
    @Test(
        "other numbers, times and UIDs give what the whole way gives",
        arguments: [TransferSyntax.explicitVRLittleEndian, .implicitVRLittleEndian],
        [TransferSyntax.explicitVRLittleEndian, .implicitVRLittleEndian])
    func same(syntax: TransferSyntax, left: TransferSyntax) throws {
        for options in [Options.recommended, ["113105"], []] {
            let known = try #require(try Header(Slice(), syntax).repeated(options, as: left))
            for number in [1, 2, 9, 10, 300, 70_000] {
                var slice = Slice(number: number, position: "\(number)\\-88.0\\0", time: "0930\(number % 60)")
                if !syntax.isImplicitVR { slice.safePrivate = "\(number)" }
                let header = try Header(slice, syntax)
                let next = known.next(header.source)
                let isSame = try next?.bytes == header.whole(options, as: left)
                #expect(isSame, "\(number), \(options)")
                #expect(next?.original.string == slice.uid && next?.pseudonym != next?.original)
            }
        }
    }

    /// What differs in more than numbers.
    private static let changes: [(String, @Sendable (DataSetItem) throws -> Void)] = [
        ("another patient", { try $0.set(.patientName, .PN, text: "Alvasson^Qvintus") }),
        ("another number of the patient", { try $0.set(.patientID, .LO, text: "19340229-9877") }),
        ("another birth date", { try $0.set(.patientBirthDate, .DA, text: "19340228") }),
        ("another day", { try $0.set(.studyDate, .DA, text: "20261104") }),
        ("a name in a description", { try $0.set(.seriesDescription, .LO, text: "Thorax Zebrasson") }),
        ("another type of image", { try $0.set(.imageType, .CS, text: "DERIVED\\SECONDARY\\SCREEN SAVE") }),
        ("burned in", { try $0.set(.burnedInAnnotation, .CS, text: "YES") }),
        ("another size", { try $0.set(Tag(0x0028, 0x0010), .US, [9, 0]) }),
        ("a comment", { try $0.set(Tag(0x0020, 0x4000), .LT, text: "Qvintus") }),
        ("one number less", { $0.remove(Tag(0x0018, 0x0050)) }),
        ("a number as text", { try $0.set(Tag(0x0020, 0x0013), .LO, text: "1") }),
        ("a longer number of bytes", { try $0.set(Tag(0x0028, 0x0106), .US, [1, 0, 1, 0]) }),
        ("another creator", { try $0.set(Tag(0x0019, 0x0010), .LO, text: "SIEMENS MR HEADEX") }),
        ("another series", { try $0.set(.seriesInstanceUID, .UI, text: "1.2.752.99.5") }),
        ("an operator in a private name", { try $0.set(Tag(0x0009, 0x1002), .PN, text: "Zebrasson^Ebba") }),
        (
            "another reference",
            { try $0[Tag(0x0008, 0x1140)]?.items.first?.set(Tag(0x0008, 0x1155), .UI, text: "1.2.752.99.4.2") }
        ),
        ("its own UID in a remark", { try $0.set(.studyDescription, .LO, text: "See 1.2.752.99.3.2") }),
        ("a UID of the standard", { try $0.set(.sopInstanceUID, .UI, text: "1.2.840.10008.1.1") }),
        ("no UID", { try $0.set(.sopInstanceUID, .UI, text: "Zebrasson") }),
        ("a position that ends in a zero byte", { try $0.set(Tag(0x0020, 0x0032), .DS, Array("1\\2\\3".utf8) + [0]) }),
        ("a position that ends in spaces", { try $0.set(Tag(0x0020, 0x0032), .DS, Array("1\\2\\3 5  ".utf8)) }),
        ("a position beyond ASCII", { try $0.set(Tag(0x0020, 0x0032), .DS, [0x31, 0xE9]) }),
    ]

    @Test("whatever else differs is no repetition", arguments: changes.indices)
    func others(index: Int) throws {
        let (name, change) = Self.changes[index]
        let known = try #require(try Header(Slice()).repeated())
        let isRepeated = known.next(try Header(Slice(number: 2, change: change)).source) != nil
        #expect(!isRepeated, "\(name)")
    }

    @Test("bytes that are cut short or go on are no repetition")
    func cut() throws {
        let known = try #require(try Header(Slice()).repeated())
        let source = try Header(Slice(number: 2)).source
        let isRepeated = known.next(source) != nil
        #expect(isRepeated)
        for count in 0..<source.count where known.next(Array(source.prefix(count))) != nil {
            Issue.record("\(count) of \(source.count) bytes")
        }
        let goesOn = known.next(source + [0]) ?? known.next(source + source)
        #expect(goesOn == nil)
    }

    /// Tags that something else reads, whatever their representation, and some that nothing does.
    private static let tags: [Tag] =
        HoldFacts.tags.sorted()
        + [
            .studyDate, .manufacturer, Tag(0x0008, 0x0021), Tag(0x0008, 0x0022), Tag(0x0008, 0x0023),
            Tag(0x0008, 0x0032), Tag(0x0008, 0x002A), Tag(0x0008, 0x1090), Tag(0x0018, 0x1020), Tag(0x0018, 0x1060),
            Tag(0x0018, 0x9074), Tag(0x0018, 0x9324), Tag(0x0020, 0x0012), Tag(0x0020, 0x1041), Tag(0x0028, 0x0008),
            Tag(0x0028, 0x0100), Tag(0x0028, 0x0101), Tag(0x0028, 0x0107), Tag(0x0028, 0x1050), Tag(0x0054, 0x1300),
            Tag(0x6000, 0x0010), Tag(0x0019, 0x1008), Tag(0x0019, 0x100C), Tag(0x0009, 0x1003),
        ]
    private static let representations: [VR] = [.DS, .IS, .TM, .DT, .US, .SS, .FD, .LO, .CS, .UI, .OB, .UN, .PN]
    private static let values: [[UInt8]] = [
        [], Array("12".utf8), Array("5 ".utf8), Array("CT".utf8), Array("US".utf8), Array("ISO_IR 192".utf8),
        Array("20200101".utf8), Array("dosereport".utf8), Array("1.2.752.99.8".utf8), [12, 0], [16, 0],
        Array("Qvintus ".utf8), [UInt8](repeating: 0x31, count: 70_000),
    ]

    @Test("of any tag, representation and values: what is repeated is what the whole way gives, and is judged alike")
    func anything() throws {
        var random = SeededRandom(seed: 7)
        let profile = ["113105", "113106", "113108", "113111"]
        var repeated = 0
        for round in 0..<2500 {
            let tag = Self.tags[round % Self.tags.count]
            let vr = Self.representations.randomElement(using: &random) ?? .DS
            let (first, second) = (
                Self.values.randomElement(using: &random) ?? [], Self.values.randomElement(using: &random) ?? []
            )
            let options = Bool.random(using: &random) ? profile : []
            let syntax: TransferSyntax = Bool.random(using: &random) ? .explicitVRLittleEndian : .implicitVRLittleEndian
            let left: TransferSyntax = Bool.random(using: &random) ? .explicitVRLittleEndian : .implicitVRLittleEndian
            func header(_ number: Int, _ value: [UInt8]) throws -> Header {
                try Header(Slice(number: number) { try $0.set(tag, vr, value) }, syntax)
            }
            guard let learned = try? header(1, first), let next = try? header(2, second),
                let known = try? learned.repeated(options, as: left), let told = known.next(next.source)
            else { continue }
            repeated += 1
            let isSame = try told.bytes == next.whole(options, as: left)
            #expect(isSame, "\(tag) \(vr), \(first.count) and \(second.count) bytes")
            let (before, after) = (try learned.dataSet(), try next.dataSet())
            #expect(
                HoldFacts(before, bulkTags: [.pixelData]) == HoldFacts(after, bulkTags: [.pixelData]), "\(tag) \(vr)")
            #expect(PixelFormat(before.root) == PixelFormat(after.root), "\(tag) \(vr)")
        }
        #expect(repeated > 120, "\(repeated)")
    }

    @Test("a header whose own UID stands in a second place is not repeated")
    func mentioned() throws {
        let slice = Slice { try $0.set(.studyDescription, .LO, text: "Original 1.2.752.99.3.1") }
        let known = try Header(slice).repeated()
        #expect(known == nil)
    }

    @Test("a value of undefined length that is no sequence is read in two ways, and not repeated")
    func ambiguous() throws {
        let head: [UInt8] = [0x77, 0, 0x01, 0x10, 0x55, 0x4E, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]
        let unknown: [UInt8] = head + [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]
        let known = try Header(Header(Slice()).source + unknown, .explicitVRLittleEndian).repeated()
        #expect(known == nil)
    }

    @Test("of two creators of one block the first counts, as for the whole way")
    func creators() throws {
        let creator: [UInt8] = [0x19, 0, 0x10, 0] + Array("LO".utf8) + [18, 0] + Array("SIEMENS MR HEADER ".utf8)
        func header(_ number: Int, _ value: String) throws -> Header {
            let second: [UInt8] = [0x19, 0, 0x10, 0, 0x4C, 0x4F, 4, 0] + Array("FOO ".utf8)
            let source = try Header(Slice(number: number, safePrivate: value)).source
            let place = try #require(
                source.indices.first { source[$0...].starts(with: creator) }, "the creator is where it is looked for")
            var bytes = source
            bytes.insert(contentsOf: second, at: place + creator.count)
            return Header(bytes, .explicitVRLittleEndian)
        }
        for value in ["", "3"] {
            let known = try #require(try header(1, value).repeated())
            let next = try header(2, "7")
            guard let told = known.next(next.source) else { continue }
            let isSame = try told.bytes == next.whole()
            #expect(isSame, "\(value)")
        }
    }

    @Test("what was not made by this key, of this header or by these options is not repeated")
    func strangers() throws {
        let header = try Header(Slice())
        func isRepeated(_ left: [UInt8], key: UInt8 = 0x5A, by next: Slice = Slice(number: 2)) throws -> Bool {
            let known = RepeatedHeader(
                header.source, header.syntax, left: left, header.syntax,
                profile: try DeidentificationProfile(options: Options.recommended),
                uidKey: Array(repeating: key, count: 32))
            return try known?.next(Header(next).source) != nil
        }
        #expect(try isRepeated(header.whole()))
        #expect(try !isRepeated(header.whole(), key: 0x5B))
        #expect(try !isRepeated(header.source))
        #expect(try !isRepeated(Header(Slice(number: 2)).whole()))
        #expect(try !isRepeated(Array(header.whole().dropLast())))
        // A position that left other than it came is no value that stays.
        let moved = try Header(Slice(position: "7\\7\\7")).whole()
        #expect(try isRepeated(moved, by: Slice(number: 2, time: "1010")))
        #expect(try !isRepeated(moved, by: Slice(number: 2, position: "1\\2\\3")))
        #expect(try isRepeated(header.whole(), by: Slice(number: 2, position: "1\\2\\3")))
    }

    @Test(
        "of real series, too, and of their images with any one value changed",
        .enabled(if: SharedFiles.areHere, "\(SharedFiles.skip)"))
    func real() throws {
        var random = SeededRandom(seed: 20_261_130)
        var series: [String: [Header]] = [:]
        for row in SharedFiles.rows
        where row["kind"] == "instance" && ["CT", "MR", "PT", "CR"].contains(row["modality"]) {
            guard let file = try? InstanceFile(path: row.path, bounds: ScanBounds()), let bulk = file.header.bulk,
                !file.header.transferSyntax.isBigEndian, bulk.upperBound == file.header.end,
                file.header.headerBytes < 1 << 16
            else { continue }
            series[row["series_uid"], default: []].append(
                Header(try file.read(file.header.dataSetOffset..<bulk.lowerBound), file.header.transferSyntax))
        }
        var (repeated, changed) = (0, 0)
        for headers in series.values {
            guard let first = headers.first, let known = try? first.repeated() else { continue }
            for header in headers.dropFirst() where header.syntax == first.syntax {
                guard let next = known.next(header.source) else { continue }
                repeated += 1
                let isSame = try next.bytes == header.whole()
                #expect(isSame)
            }
            for _ in 0..<60 {
                var source = first.source
                let place = Int.random(in: 0..<source.count, using: &random)
                source[place] = UInt8.random(in: 0...255, using: &random)
                guard let next = known.next(source) else { continue }
                changed += 1
                let isSame = try next.bytes == Header(source, first.syntax).whole()
                #expect(isSame, "byte \(place)")
            }
        }
        #expect(repeated > 150, "\(repeated)")
        #expect(changed > 100, "\(changed)")
    }
}
