// Tokens and pseudonymous UIDs inside text become what they stand for.

internal import DICOM
internal import DICOMVocabulary
internal import WorkerProtocol

struct TokenReplacement {
    struct Replaced {
        var text: String
        var tokens = 0
        var uids = 0
        /// The value was the name token and nothing else.
        var isWholeName = false
    }

    /// What each own token stands for in running text.
    let values: [String: String]
    /// The character set that fits 8-bit values of a study that declared none.
    let guessed: String
    private let nameToken: String
    private let personName: String
    private let originals: [UID: UID]

    init(identity: StudyIdentity, tokens: StudyTokens, cited: [CitedStudy] = [], originals: [UID: UID]) {
        func original(_ tag: Tag, _ vr: VR, of identity: StudyIdentity) -> String {
            TextCoding(characterSet: identity.characterSet).decode(identity[tag] ?? [], vr: vr)
        }
        personName = original(.patientName, .PN, of: identity)
        nameToken = Self.key(tokens.patientName)
        var values: [String: String] = [:]
        // The study's own come last, and so count.
        for (identity, tokens) in cited.map({ ($0.identity, $0.tokens) }) + [(identity, tokens)] {
            values[Self.key(tokens.accessionNumber)] = original(.accessionNumber, .SH, of: identity)
            values[Self.key(tokens.studyID)] = original(.studyID, .SH, of: identity)
        }
        values[nameToken] = PersonName.readable(personName)
        values[Self.key(tokens.patientID)] = original(.patientID, .LO, of: identity)
        values[""] = nil
        self.values = values
        self.originals = originals
        let isUTF8 = identity.attributes.allSatisfy { String(validating: $0.value, as: UTF8.self) != nil }
        guessed = isUTF8 ? "ISO_IR 192" : "ISO_IR 100"
    }

    /// The originals, to see whether a character set holds them.
    var texts: [String] { values.values + [personName] }

    private static func key(_ token: String) -> String {
        TokenSearch.capitals(token.utf8.filter(IdentifierPatterns.isAlphanumeric))
    }

    /// Fails for a token that is not of this study or is damaged.
    func replace(_ text: String, _ element: DataSetElement) throws(Failure) -> Replaced {
        let bytes = Array(text.utf8)
        var edits: [(range: Range<Int>, text: String)] = []
        var result = Replaced(text: text)
        for match in TokenSearch.matches(in: bytes) {
            guard let original = values[match.string] else {
                throw match.isGood ? ReportRestorer.contradiction(element.tag) : ReportRestorer.damage(element.tag)
            }
            edits.append((match.range, original))
            result.tokens += 1
        }
        for (range, uid) in PseudonymousUIDs.matches(in: bytes) {
            guard let original = originals[uid] else { continue }
            edits.append((range, original.string))
            result.uids += 1
        }
        guard !edits.isEmpty else { return result }
        if element.vr == .PN, Self.key(text) == nameToken {
            result.text = personName
            result.isWholeName = true
            return result
        }
        var replaced: [UInt8] = []
        var position = 0
        for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            replaced += bytes[position..<edit.range.lowerBound] + Array(edit.text.utf8)
            position = edit.range.upperBound
        }
        replaced += bytes[position...]
        result.text = String(decoding: replaced, as: UTF8.self)
        return result
    }
}
