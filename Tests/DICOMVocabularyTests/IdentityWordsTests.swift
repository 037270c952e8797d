import DICOMVocabulary
import Testing

@Suite("The words of a study's identity")
struct IdentityWordsTests {
    private static func latin(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }

    private static let words = IdentityWords([
        StudyIdentity(
            characterSet: "ISO_IR 100",
            attributes: [
                RawAttribute(tag: .accessionNumber, vr: .SH, value: Array("ZACC-7719".utf8)),
                RawAttribute(tag: .patientName, vr: .PN, value: latin("von Sj\u{F6}zebra^Anna Li")),
                RawAttribute(tag: .patientID, vr: .LO, value: Array("19340228-9876".utf8)),
                RawAttribute(tag: .patientBirthDate, vr: .DA, value: Array("19340228".utf8)),
                RawAttribute(tag: Tag(0x0010, 0x1000), vr: .LO, value: Array("K17\\P-9".utf8)),
                RawAttribute(tag: .studyID, vr: .SH, value: Array("25".utf8)),
            ]),
        StudyIdentity(
            characterSet: "",
            attributes: [RawAttribute(tag: Tag(0x0010, 0x1005), vr: .PN, value: Array("Patient^Test Quagga".utf8))]),
    ])

    @Test(
        "are found in other cases, spellings and company",
        arguments: [
            "wrong arm of ANNA", "Annas arm", "sjözebra", "SJO\u{308}ZEBRA", "Sjozebra", "sjoezebra called", "annali",
            "DrSjözebran", "quagga?", "see zacc7719", "zacc 77 19", "1934-02-28", "born 340228",
            "28/2 1934 or 28021934",
            "340228-9876", "193402289876", "has k17",
        ])
    func found(text: String) {
        #expect(Self.words.occur(in: text))
    }

    @Test(
        "are not found where they do not stand",
        arguments: [
            "wrong arm", "the patient's test", "hannah", "Li von", "room 25", "1934", "S25 at 22:15", "see P-9", "",
            "?",
            "CT thorax 2026-03-01",
        ])
    func others(text: String) {
        #expect(!Self.words.occur(in: text))
    }

    @Test("of an identity that says nothing are none, and escape sequences are no words")
    func nothing() {
        let japanese = Array("Yamada^Taro=\u{1B}$B;3ED\u{1B}(B^\u{1B}$BB@O:\u{1B}(B".utf8)
        let words = IdentityWords([
            StudyIdentity(characterSet: "", attributes: []),
            StudyIdentity(
                characterSet: "\\ISO 2022 IR 87",
                attributes: [RawAttribute(tag: .patientName, vr: .PN, value: japanese)]),
        ])
        #expect(words.occur(in: "yamada") && !words.occur(in: "BED 3") && !words.occur(in: "anything else"))
    }
}
