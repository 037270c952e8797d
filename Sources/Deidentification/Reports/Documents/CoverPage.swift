// The page that says who the patient of a returned document is.

internal import DICOMVocabulary
internal import Foundation
internal import WorkerProtocol

struct CoverPage {
    let identity: StudyIdentity
    let reportDate: String
    let tokens: StudyTokens

    /// The page's content stream, in Swedish and English, in Helvetica with WinAnsiEncoding.
    func content(_ shownTokens: [String]) -> [UInt8] {
        var content = Array("BT /AntipodeF 14 Tf 56 780 Td 20 TL\n".utf8)
        content += Self.line("Utlåtande / Report") + Array("/AntipodeF 11 Tf T*\n".utf8)
        for text in lines(shownTokens) { content += Self.line(text) }
        return content + Array("ET\n".utf8)
    }

    private func lines(_ shown: [String]) -> [String] {
        var lines = [
            "Patient: \(Self.drawable(PersonName.readable(text(.patientName))))",
            "Patient-ID / Patient ID: \(Self.drawable(text(.patientID)))",
        ]
        func add(_ label: String, _ value: String) {
            if !value.isEmpty { lines.append("\(label): \(Self.drawable(value))") }
        }
        add("Födelsedatum / Birth date", date(text(.patientBirthDate)))
        add("Remissnummer / Accession number", text(.accessionNumber))
        add(
            "Undersökning / Study",
            [date(text(.studyDate)), text(.studyDescription)].filter { !$0.isEmpty }.joined(separator: "  "))
        add("Utlåtandets datum / Date of the report", date(reportDate))
        lines += [
            "", "Sidorna som följer skrevs utan patientens identitet och är oförändrade.",
            "The pages that follow were written without the patient's identity and are unchanged.",
        ]
        if !shown.isEmpty {
            lines += [
                "Pseudonymer på dem avser patienten och remissen ovan:",
                "Pseudonyms on them stand for the patient and the order above:", shown.joined(separator: ", "),
            ]
        }
        return lines
    }

    private func text(_ tag: Tag) -> String {
        let vr: VR = tag == .patientName ? .PN : .LO
        return TextCoding(characterSet: identity.characterSet).decode(identity[tag] ?? [], vr: vr)
    }

    private func date(_ text: String) -> String {
        let digits = Array(text)
        guard digits.count == 8, digits.allSatisfy(\.isNumber) else { return text }
        return "\(String(digits[..<4]))-\(String(digits[4..<6]))-\(String(digits[6...]))"
    }

    /// Letters that the font has not are set without their marks, or the reader is sent to where they stand.
    private static func drawable(_ text: String) -> String {
        var drawn = ""
        for character in text {
            if character.unicodeScalars.allSatisfy({ (0x20...0xFF).contains($0.value) }) {
                drawn.append(character)
                continue
            }
            let base = String(character).decomposedStringWithCanonicalMapping.unicodeScalars.first
            guard let base, (0x20...0x7E).contains(base.value) else {
                return "(se objektets huvud / see the header of the object)"
            }
            drawn.unicodeScalars.append(base)
        }
        return drawn
    }

    private static func line(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = [0x28]
        for scalar in text.precomposedStringWithCanonicalMapping.unicodeScalars {
            if ["(", ")", "\\"].contains(scalar) { bytes.append(0x5C) }
            bytes.append(scalar.value < 256 ? UInt8(scalar.value) : 0x3F)
        }
        return bytes + Array(") Tj T*\n".utf8)
    }
}
