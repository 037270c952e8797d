import DICOM
import DICOMVocabulary
import Testing

@testable import Deidentification

@Suite("Character sets outward")
struct CharacterSetTests {
    private func slice(_ declared: String?, _ description: [UInt8]) throws -> DataSet {
        let dataSet = try Planted.slice()
        for tag in [Tag.patientName, .studyDescription, .specificCharacterSet] { dataSet.root.remove(tag) }
        if let declared { try dataSet.root.set(.specificCharacterSet, .CS, text: declared) }
        try dataSet.root.set(.seriesDescription, .LO, description)
        return dataSet
    }

    @Test("text beyond ASCII that declares nothing, or something else, holds the instance and is never guessed at")
    func undeclared() throws {
        let text = "höft"
        for (declared, bytes): (String?, [UInt8]) in [
            (nil, Array(text.utf8)), (nil, Planted.latin1(text)), ("ISO_IR 6", Planted.latin1(text)),
            ("ISO_IR 192", Planted.latin1(text)), ("NONSENSE", Planted.latin1(text)),
        ] {
            let failure = #expect(throws: Failure.self) { try Planted.pseudonymise(self.slice(declared, bytes)) }
            #expect(failure?.code == .unreadable)
            #expect(failure?.disposition == .person)
            #expect(failure?.detail.contains("(0008,103e)") == true || failure?.detail.contains("(0008,103E)") == true)
            #expect(failure?.detail.contains("ft") == false)
        }
    }

    @Test("the site may say what undeclared text is", arguments: ["ISO_IR 100", "ISO_IR 192"])
    func assumed(characterSet: String) throws {
        let text = "höft vä"
        let dataSet = try slice(nil, characterSet == "ISO_IR 192" ? Array(text.utf8) : Planted.latin1(text))
        var job = DeidentificationJob.sample(StudyIdentity(of: dataSet))
        job.assumedCharacterSet = characterSet
        let result = try Deidentifier(options: Options.recommended).pseudonymise(dataSet, job: job)
        #expect(dataSet.root.text(.specificCharacterSet) == characterSet)
        #expect(TextCoding(of: dataSet.root).decode(dataSet.root[.seriesDescription]?.value ?? [], vr: .LO) == text)
        #expect(result.notes.contains { $0.contains(characterSet) })
    }

    @Test("what is assumed has to fit, and is for undeclared text only")
    func assumedWrong() throws {
        for (declared, assumed) in [(nil, "ISO_IR 192"), ("ISO_IR 192", "ISO_IR 100")] as [(String?, String)] {
            let dataSet = try slice(declared, Planted.latin1("höft"))
            var job = DeidentificationJob.sample(StudyIdentity(of: dataSet))
            job.assumedCharacterSet = assumed
            #expect(throws: Failure.self) {
                try Deidentifier(options: Options.recommended).pseudonymise(dataSet, job: job)
            }
        }
    }

    @Test(
        "kept text decodes to the same characters in every character set",
        arguments: [
            ("ISO_IR 100", "Höft"), ("ISO_IR 192", "Höft"), ("ISO_IR 101", "Thorax"), ("ISO_IR 144", "Thorax"),
            ("GB18030", "Thorax"), ("\\ISO 2022 IR 100", "Thorax"),
        ])
    func kept(characterSet: String, word: String) throws {
        let bytes = try #require(TextCoding(characterSet: characterSet).encode(word))
        let dataSet = try slice(characterSet, bytes)
        let item = try dataSet.root.addItem(to: Tag(0x0040, 0x0260))
        try item.set(.specificCharacterSet, .CS, text: "ISO_IR 192")
        try item.set(.codeMeaning, .LO, Array("Höft".utf8))
        try Planted.pseudonymise(dataSet)
        #expect(dataSet.root.text(.specificCharacterSet) == characterSet)
        #expect(TextCoding(of: dataSet.root).decode(dataSet.root[.seriesDescription]?.value ?? [], vr: .LO) == word)
        // An item that declares its own set keeps it.
        #expect(item.text(.specificCharacterSet) == "ISO_IR 192")
    }
}
