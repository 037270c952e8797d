import DICOM
import DICOMVocabulary
import Testing

@testable import Deidentification

@Suite("Holding")
struct HoldRulesTests {
    private static let root = "1.2.840.10008.5.1.4.1.1."
    private let options: Set<ConfidentialityOption> = [.cleanStructuredContent]

    private func reason(_ facts: HoldFacts, released: Bool = false) -> Failure.Code? {
        HoldRules.reason(for: facts, pixelsReleased: released, options: options)?.code
    }

    @Test(
        "primary images and cleaned objects pass",
        arguments: [
            "2", "4", "1", "1.1", "1.2", "128", "20", "2.1", "4.1", "12.1", "88.11", "88.59", "66.4", "481.3", "11.1",
            "9.1.1",
        ])
    func passes(arc: String) {
        #expect(reason(HoldFacts(sopClass: UID(Self.root + arc), imageType: ["ORIGINAL", "PRIMARY"])) == nil)
    }

    @Test(
        "ultrasound, captures, photographs and unknown classes are held until somebody releases the pixels",
        arguments: ["6.1", "3.1", "7", "7.1", "7.2", "77.1.1", "77.1.4.1", "6.2", "999"])
    func pixels(arc: String) {
        let facts = HoldFacts(sopClass: UID(Self.root + arc))
        #expect(reason(facts) == .pixelsMayIdentify)
        #expect(reason(facts, released: true) == nil)
    }

    @Test("pixels that are said to have writing in them are held in every class", arguments: ["2", "66.4", "481.3"])
    func burnedIn(arc: String) {
        let facts = HoldFacts(
            sopClass: UID(Self.root + arc), imageType: ["ORIGINAL", "PRIMARY"], burnedInAnnotation: "YES",
            hasPixelData: true)
        #expect(reason(facts) == .pixelsMayIdentify)
        #expect(reason(facts, released: true) == nil)
    }

    @Test("documents are held whatever is released", arguments: ["104.1", "104.2", "104.3"])
    func documents(arc: String) {
        let facts = HoldFacts(sopClass: UID(Self.root + arc), hasPixels: false)
        #expect(reason(facts, released: true) == .documentMayIdentify)
    }

    @Test("somebody's voice is held whatever is released, in the audio classes and elsewhere")
    func voice() throws {
        for arc in ["9.4.1", "9.4.2"] {
            let facts = HoldFacts(sopClass: UID(Self.root + arc), hasPixels: false)
            #expect(reason(facts, released: true) == .documentMayIdentify)
        }
        let dataSet = try Planted.slice(sopClass: UID(Self.root + "9.1.1"))
        let group = try dataSet.root.addItem(to: Tag(0x5400, 0x0100))
        try group.set(Tag(0x5400, 0x1006), .CS, text: "SS")
        #expect(reason(HoldFacts(dataSet)) == nil)
        try group.set(Tag(0x5400, 0x1006), .CS, text: "MB")
        #expect(reason(HoldFacts(dataSet), released: true) == .documentMayIdentify)
    }

    @Test(
        "colour is held wherever a detector has none",
        arguments: ["20", "12.1", "12.2", "13.1.1", "481.1", "2", "2.1", "4.1", "1.3", "128", "130", "4.4"])
    func colour(arc: String) {
        var facts = HoldFacts(sopClass: UID(Self.root + arc), imageType: ["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"])
        for form in ["RGB", "YBR_FULL_422", "PALETTE COLOR", "YBR_PARTIAL_420"] {
            facts.photometricInterpretation = form
            #expect(reason(facts) == (arc == "4.4" ? nil : .pixelsMayIdentify))
        }
        facts.photometricInterpretation = "MONOCHROME2"
        #expect(reason(facts) == nil)
    }

    @Test("terms are read in small letters and with spaces before them")
    func terms() throws {
        for (tag, text) in [(Tag.burnedInAnnotation, "Yes"), (.modality, " US"), (Tag(0x0028, 0x0004), "rgb ")] {
            let dataSet = try Planted.slice()
            #expect(reason(HoldFacts(dataSet)) == nil)
            try dataSet.root.set(tag, .CS, text: text)
            #expect(reason(HoldFacts(dataSet)) == .pixelsMayIdentify, "\(text)")
        }
    }

    @Test(
        "descriptions of screens and dose sheets are known in every character set and spelling",
        arguments: [
            "Screen Capture", "SCREEN_CAPTURE", "Dosblad", "Dossammanställning", "Dosprotokoll", "Skärmbild",
            "Patient info", "Patientinformation", "Skärmdump",
        ])
    func screens(text: String) throws {
        let dataSet = try Planted.slice()
        try dataSet.root.set(.seriesDescription, .LO, Planted.latin1(text))
        #expect(reason(HoldFacts(dataSet)) == .pixelsMayIdentify)
    }

    @Test("pixel data in a class that has none are held", arguments: ["88.11", "481.3", "9.1.1", "11.1", "66.4"])
    func strangePixels(arc: String) {
        let facts = HoldFacts(sopClass: UID(Self.root + arc), hasPixels: false, hasPixelData: true)
        #expect(reason(facts) == (arc == "66.4" ? nil : .pixelsMayIdentify))
        #expect(reason(facts, released: true) == nil)
    }

    @Test("a report is held where its content is not cleaned")
    func structured() {
        let facts = HoldFacts(sopClass: UID(Self.root + "88.33"), hasPixels: false)
        #expect(HoldRules.reason(for: facts, pixelsReleased: true, options: [])?.code == .documentMayIdentify)
    }

    @Test("a CT image that is a picture of a screen, a film or an overlay is held")
    func suspicious() {
        let ct = HoldFacts(sopClass: UID(Self.root + "2"), modality: "CT", imageType: ["ORIGINAL", "PRIMARY", "AXIAL"])
        let changes: [(inout HoldFacts) -> Void] = [
            { $0.burnedInAnnotation = "YES" }, { $0.isCaptured = true }, { $0.modality = "OT" },
            { $0.hasOverlayInPixels = true }, { $0.photometricInterpretation = "RGB" },
            { $0.imageType = ["ORIGINAL", "SECONDARY", "OTHER", "CT_SOM5 PROT"] },
            { $0.imageType = ["DERIVED", "SECONDARY", "SCREEN SAVE"] }, { $0.imageType = ["DERIVED", "SECONDARY"] },
            { $0.descriptions = ["dose report"] }, { $0.descriptions = ["ct thorax", "en skärmdump"] },
            { $0.descriptions = ["överst: screen save"] }, { $0.imageType = ["ORIGINAL", "PRIMARY", "ÖVRIG SCREEN"] },
            { $0.imageType = ["ORIGINAL", "PRIMARY", "XSCREEN"] },
        ]
        #expect(reason(ct) == nil)
        for change in changes {
            var facts = ct
            change(&facts)
            #expect(reason(facts) == .pixelsMayIdentify)
            #expect(reason(facts, released: true) == nil)
        }
    }

    @Test("computed images pass: reformats, projections, maps")
    func computed() {
        for type in ["MPR", "REFORMATTED", "PROJECTION IMAGE", "ADC", "M_SE"] {
            let facts = HoldFacts(sopClass: UID(Self.root + "2"), imageType: ["DERIVED", "SECONDARY", type])
            #expect(reason(facts) == nil)
        }
    }

    @Test("the facts are read from a header: an overlay without data lies in the pixels")
    func facts() throws {
        let dataSet = try Planted.slice()
        #expect(!HoldFacts(dataSet).hasOverlayInPixels)
        try dataSet.root.set(Tag(0x6000, 0x0010), .US, [0, 2])
        #expect(HoldFacts(dataSet).hasOverlayInPixels)
        try dataSet.root.set(Tag(0x6000, 0x3000), .OW, [0, 0])
        #expect(!HoldFacts(dataSet).hasOverlayInPixels)
        #expect(HoldFacts(dataSet).imageType == ["ORIGINAL", "PRIMARY", "AXIAL"])
    }
}
