import Testing

@testable import Vault

@Suite("Written forms of a patient's number")
struct PatientIdentifierTests {
    private func normal(_ text: String, birth: String = "", study: String = "20260301") -> String {
        PatientIdentifier.normalise(text, birthDate: birth, studyDate: study)
    }

    @Test(
        "A personnummer is one number in every written form",
        arguments: [
            "191212121212", "19121212-1212", "19121212 1212", " 19121212-1212 ", "121212+1212", "121212 + 1212",
            "1212 12+1212",
        ])
    func forms(text: String) { #expect(normal(text) == "191212121212") }

    @Test(
        "Ten digits get the century of the birth date if it is theirs, else of the study's day",
        arguments: [
            // (number, birth date, study date, twelve digits)
            ("121212-1212", "", "20260301", "201212121212"), ("121212-1212", "", "20111231", "191212121212"),
            ("121212-1212", "", "20121211", "191212121212"), ("121212-1212", "", "20121212", "201212121212"),
            ("121212+1212", "", "20120101", "191212121212"), ("1212121212", "19121212", "20260301", "191212121212"),
            ("121212-1212", "19121212", "20260301", "191212121212"),
            ("121212-1212", "19500101", "20260301", "201212121212"), ("811228-9874", "", "20260301", "198112289874"),
        ])
    func centuries(number: String, birth: String, study: String, expected: String) {
        #expect(normal(number, birth: birth, study: study) == expected)
    }

    @Test("A samordningsnummer, with 60 added to the day, likewise")
    func coordinationNumber() {
        #expect(normal("701063-2391") == "197010632391")
        #expect(normal("19701063-2391") == "197010632391")
        #expect(normal("701063-2391", birth: "19701003") == "197010632391")
    }

    @Test("Ten digits without any date stay ten, so that nobody is merged by a guess")
    func noDate() {
        #expect(normal("121212-1212", study: "") == "1212121212")
        #expect(normal("121212+1212", study: "") == "1212121212+")
        #expect(normal("121212-1212", study: "2026") == "1212121212")
    }

    @Test(
        "What has not the form or not the check digit is compared as it stands",
        arguments: [
            ("19121212-1213", "19121212-1213"), (" abc-12 ", "ABC-12"), ("991212121212", "991212121212"),
            ("19121312-1212", "19121312-1212"), ("1912121-21212", "1912121-21212"), ("12-12-121212", "12-12-121212"),
            ("", ""), ("   ", ""), ("-", "-"), ("å1", "Å1"), ("191212121212X", "191212121212X"),
        ])
    func ordinary(text: String, expected: String) { #expect(normal(text) == expected) }

    @Test(
        "A reserve number is one number in every written form",
        arguments: [
            // (written, birth date, one form): Stockholm, Västra Götaland, Värmland, Inera, national
            ("992013000013", "", "992013000013"), ("992013-00001 3", "", "992013000013"),
            ("20120101-K123", "", "20120101K123"), ("20120101k123", "", "20120101K123"),
            ("120101-K123", "20120101", "20120101K123"), ("120101K123", "", "20120101K123"),
            ("19120101-SF1A", "", "19120101SF1A"), ("120101-sf1a", "19120101", "19120101SF1A"),
            ("20120132-1234", "", "201201321234"), ("120132 1234", "", "201201321234"),
            ("22990101-AB1C", "", "22990101AB1C"), ("22990101ab1c", "", "22990101AB1C"),
        ])
    func reserveNumbers(written: String, birth: String, expected: String) {
        #expect(normal(written, birth: birth) == expected)
        #expect(PatientIdentifier.candidates(written).contains(expected))
    }

    @Test(
        "What only looks like a reserve number is compared as it stands",
        arguments: ["992013-00001 7", "20121301-K123", "20120101-Q123", "20120101-SFAA", "K12-3", "1-2-0101K123"])
    func noReserveNumbers(text: String) { #expect(normal(text) == text) }

    @Test("A search without dates tries every century")
    func candidates() {
        #expect(PatientIdentifier.candidates("121212-1212").contains("191212121212"))
        #expect(PatientIdentifier.candidates("121212-1212").contains("201212121212"))
        #expect(PatientIdentifier.candidates("19121212-1212").contains("191212121212"))
        #expect(!PatientIdentifier.candidates("19121212-1212").contains("201212121212"))
        #expect(PatientIdentifier.candidates(" x1 ") == ["X1"])
    }
}
