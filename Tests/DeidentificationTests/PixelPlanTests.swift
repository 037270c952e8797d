import DICOM
import DICOMVocabulary
import Testing
import WorkerProtocol

@testable import Deidentification

@Suite("What happens to pixels")
struct PixelPlanTests {
    private static let ultrasound: UID = "1.2.840.10008.5.1.4.1.1.6.1"

    private func image(_ edit: (DataSetItem) throws -> Void = { _ in }) throws -> DataSet {
        let dataSet = try Planted.slice(sopClass: Self.ultrasound)
        let root = dataSet.root
        try root.set(.modality, .CS, text: "US")
        try root.set(Tag(0x0008, 0x1090), .LO, text: "Scanner 9")
        try root.set(Tag(0x0018, 0x1020), .LO, text: "R2.1\\boot 7")
        for (element, value): (UInt16, UInt8) in [(0x0010, 96), (0x0011, 128), (0x0100, 8), (0x0101, 8), (0x0102, 7)] {
            try root.set(Tag(0x0028, element), .US, [value, 0])
        }
        try edit(root)
        return dataSet
    }

    private var template: PixelTemplate {
        var template = PixelTemplate(name: "t", manufacturer: "ACME*", model: "Scanner ?", rows: 96, columns: 128)
        template.software = "R2.*"
        template.blank = [PixelRegion(x: 0, y: 0, width: 200, height: 10)]
        return template
    }

    private func plan(_ dataSet: DataSet, _ templates: [PixelTemplate], released: Bool = false) throws -> PixelPlan {
        var policy = OutwardPolicy()
        policy.templates = templates
        return try PixelPlan(
            dataSet, facts: HoldFacts(dataSet), policy: policy, pixelsReleased: released,
            options: [.cleanStructuredContent])
    }

    @Test("a template that fits lets an ultrasound go, blanked and clipped to the image")
    func fits() throws {
        let made = try plan(try image(), [template])
        #expect(made.template == "t")
        #expect(made.regions == [PixelRegion(x: 0, y: 0, width: 128, height: 10)])
    }

    @Test("one thing that differs, and the image is held; what the modality says of itself is not believed")
    func differs() throws {
        let changes: [(DataSetItem) throws -> Void] = [
            { try $0.set(.manufacturer, .LO, text: "Other") },
            { try $0.set(Tag(0x0008, 0x1090), .LO, text: "Scanner 10") },
            { try $0.set(Tag(0x0018, 0x1020), .LO, text: "R3.1") }, { try $0.set(Tag(0x0028, 0x0010), .US, [97, 0]) },
            { try $0.set(Tag(0x0028, 0x0011), .US, [97, 0]) },
        ]
        for change in changes {
            let dataSet = try image {
                try change($0)
                try $0.set(.burnedInAnnotation, .CS, text: "NO")
            }
            let failure = #expect(throws: Failure.self) { try self.plan(dataSet, [self.template]) }
            #expect(failure?.code == .pixelsMayIdentify)
            #expect(try plan(dataSet, [template], released: true).isEmpty)
        }
    }

    @Test("a released image that a template fits is blanked all the same")
    func released() throws {
        #expect(try plan(try image(), [template], released: true).blanks)
    }

    @Test("outside of ultrasound regions everything goes; without regions the template does not fit")
    func ultrasoundRegions() throws {
        var template = template
        template.blank = []
        template.keepsUltrasoundRegionsOnly = true
        #expect(throws: Failure.self) { try self.plan(try self.image(), [template]) }
        let dataSet = try image { root in
            for (x0, y0, x1, y1): (UInt8, UInt8, UInt8, UInt8) in [(10, 20, 59, 79), (70, 30, 119, 69)] {
                let item = try root.addItem(to: Tag(0x0018, 0x6011))
                for (element, value): (UInt16, UInt8) in [(0x6018, x0), (0x601A, y0), (0x601C, x1), (0x601E, y1)] {
                    try item.set(Tag(0x0018, element), .UL, [value, 0, 0, 0])
                }
            }
        }
        let regions = try plan(dataSet, [template]).regions
        let kept = [PixelRegion(x: 10, y: 20, width: 50, height: 60), PixelRegion(x: 70, y: 30, width: 50, height: 40)]
        for y in 0..<96 {
            for x in 0..<128 {
                func holds(_ region: PixelRegion) -> Bool {
                    x >= region.x && x < region.x + region.width && y >= region.y && y < region.y + region.height
                }
                #expect(regions.contains(where: holds) != kept.contains(where: holds))
            }
        }
    }

    @Test("an overlay in unused bits is cleared, in used bits held")
    func overlay() throws {
        func ct(_ stored: UInt8) throws -> DataSet {
            let dataSet = try Planted.slice()
            for (element, value): (UInt16, UInt8) in [(0x0100, 16), (0x0101, stored), (0x0102, stored - 1)] {
                try dataSet.root.set(Tag(0x0028, element), .US, [value, 0])
            }
            try dataSet.root.set(Tag(0x6000, 0x0010), .US, [0, 2])
            try dataSet.root.set(Tag(0x6000, 0x0102), .US, [15, 0])
            return dataSet
        }
        #expect(try plan(try ct(12), []).clearsOverlayBits)
        #expect(throws: Failure.self) { try self.plan(try ct(16), []) }
    }

    @Test("blanked pixels are claimed: 113101 and Burned In Annotation NO")
    func claimed() throws {
        let dataSet = try image { try $0.set(.burnedInAnnotation, .CS, text: "YES") }
        var job = DeidentificationJob.sample(StudyIdentity(of: dataSet))
        job.pixelsBlanked = true
        _ = try Deidentifier(options: Options.recommended).pseudonymise(dataSet, job: job)
        #expect(dataSet.root.text(.burnedInAnnotation) == "NO")
        let codes = dataSet.root[.deidentificationMethodCodeSequence]?.items.map { $0.text(.codeValue) } ?? []
        #expect(codes.contains("113101"))
    }

    @Test("a PDF is replaced by a page of ours where the profile says so; CDA and STL are held")
    func document() throws {
        func encapsulated(_ arc: String) throws -> DataSet {
            let dataSet = DataSet()
            try dataSet.root.set(.sopClassUID, .UI, text: "1.2.840.10008.5.1.4.1.1.\(arc)")
            try dataSet.root.set(.sopInstanceUID, .UI, text: "1.2.3")
            try dataSet.root.set(Tag(0x0042, 0x0010), .ST, text: "Remiss Tolvansson")
            try dataSet.root.set(Tag(0x0042, 0x0011), .OB, Array("%PDF-1.4 Tolvansson".utf8))
            try dataSet.root.set(Tag(0x0042, 0x0012), .LO, text: "application/pdf")
            try dataSet.root.set(Tag(0x0042, 0x0015), .UL, [19, 0, 0, 0])
            try dataSet.root.set(.patientName, .PN, text: "Tolvansson^Tolvan")
            return dataSet
        }
        let dataSet = try encapsulated("104.1")
        try EncapsulatedDocument.replace(in: dataSet)
        #expect(try plan(dataSet, []).isEmpty)
        try Planted.pseudonymise(dataSet)
        let bytes = try dataSet.encoded(as: .explicitVRLittleEndian)
        #expect(!bytes.contains(sequence: Array("Tolvansson".utf8)))
        let page = try #require(dataSet.root[Tag(0x0042, 0x0011)]).paddedValue
        #expect(page.starts(with: Array("%PDF-1.4".utf8)))
        let length = try #require(dataSet.root[Tag(0x0042, 0x0015)]).paddedValue
        #expect(Int(length[0]) | Int(length[1]) << 8 == EncapsulatedDocument.page.utf8.count)
        for arc in ["104.2", "104.3"] {
            let other = try encapsulated(arc)
            try EncapsulatedDocument.replace(in: other)
            #expect(throws: Failure.self) { try self.plan(other, []) }
        }
    }
}
