import DICOMVocabulary
import Testing

@Suite("Two identities of one study")
struct IdentityAgreementTests {
    private static func identity(
        _ name: String, _ birthDate: String, number: String = "19121212-1212", characterSet: String = "ISO_IR 192"
    ) -> StudyIdentity {
        let values: [(Tag, VR, String)] = [
            (.patientName, .PN, name), (.patientID, .LO, number), (.patientBirthDate, .DA, birthDate),
        ]
        return StudyIdentity(
            characterSet: characterSet,
            attributes: values.filter { !$0.2.isEmpty }.map {
                RawAttribute(tag: $0.0, vr: $0.1, value: Array($0.2.utf8))
            })
    }

    private static let one = identity("Sjözebra^Anna", "19121212")

    @Test(
        "under one number are one person's where name or birth date agrees too, or nothing differs",
        arguments: [
            identity("SJOEZEBRA^ANNA", "19121212"), identity("Sjozebra^A", ""), identity("Anna Sjözebra", "19121213"),
            identity("Quagga^Bo", "19121212"), identity("", ""), identity("Unknown", ""), identity("", "19121212"),
            identity("Quagga-Sjözebra^Bo", ""), identity("Anna", "unknown"),
            identity("Ямщиков^Иван", "", characterSet: "ISO_IR 144"),
        ])
    func agreeing(other: StudyIdentity) {
        #expect(!Self.one.contradicts(other))
        #expect(!other.contradicts(Self.one))
    }

    @Test(
        "under one number are two persons' where another name stands with no birth date or another",
        arguments: [identity("Quagga^Bo", ""), identity("Quagga^Bo", "19400101"), identity("", "19400101")])
    func differing(other: StudyIdentity) {
        #expect(Self.one.contradicts(other))
        #expect(other.contradicts(Self.one))
    }

    @Test("are one person's with half of the shorter name's words in common, titles aside")
    func sharedWords() {
        let one = Self.identity("Berg^Anna Maria^^Dr", "")
        for name in ["Ek^Anna Maria", "Berg^Anna", "Anna", "BERG ANNA-MARIA LOUISE", "Berg^A"] {
            #expect(!one.contradicts(Self.identity(name, "")), "\(name)")
        }
        for name in ["Ek^Eva Maria Lo", "Ek^Eva^^Dr", "Lund^Maria Eva Karin"] {
            #expect(one.contradicts(Self.identity(name, "")), "\(name)")
        }
    }

    @Test(
        "without a number, or under one that is everybody's, must agree in all they say",
        arguments: ["", "0000", "Unknown"])
    func unnumbered(number: String) {
        let one = Self.identity("Sjözebra^Anna", "19121212", number: number)
        #expect(one.contradicts(Self.identity("Quagga^Bo", "19121212", number: number)))
        #expect(one.contradicts(Self.identity("Sjözebra^Anna", "19121213", number: number)))
        #expect(!one.contradicts(Self.identity("Sjozebra^A", "19121212", number: number)))
        #expect(!one.contradicts(Self.identity("Sjözebra", "", number: number)))
    }
}
