// Words of a header that the journal keeps and pages show: modality and body part.

import DICOMVocabulary
import Intake
import Routing

/// Judges the words of one instance before they are kept. People type into Body Part Examined, and a wrong field of a
/// worklist can end in Modality, so neither is taken on trust: a word is kept where it is a defined term of the standard
/// or one that the site's own configuration names, or where it is what the VR allows (CS, PS3.5 6.2) and holds no word
/// of the study's identity. In place of any other stands `placeholder`.
struct HeaderWords {
    static let placeholder = "?"

    /// Those in force; asked for words that are no terms.
    let rules: @Sendable () -> RuleSet
    let source: SourceSettings?
    let identity: StudyIdentity

    func modality(_ word: String) -> String {
        kept(word, Modality.definedTerms) {
            rules().rules.flatMap(\.modalities) + (source?.quietPeriodByModality.keys.map { $0 } ?? [])
        }
    }

    func bodyPart(_ word: String) -> String {
        kept(word, BodyPart.definedTerms) { rules().rules.flatMap(\.bodyParts) }
    }

    private func kept(_ word: String, _ terms: Set<String>, configured: () -> [String]) -> String {
        let capitals = word.uppercased()
        if word.isEmpty || terms.contains(capitals) || configured().contains(where: { $0.uppercased() == capitals }) {
            return word
        }
        return Self.isCodeString(capitals) && !IdentityWords([identity]).occur(in: word) ? word : Self.placeholder
    }

    /// A flag of a report, which has enumerated values (PS3.3 C.17.2).
    static func kept(_ flag: String, of values: Set<String>) -> String {
        flag.isEmpty || values.contains(flag) ? flag : placeholder
    }

    /// Capitals, digits, space and underscore, at most 16 of them. Devices that write small letters are forgiven.
    private static func isCodeString(_ word: String) -> Bool {
        word.utf8.count <= 16
            && word.utf8.allSatisfy {
                (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x20 || $0 == 0x5F
            }
    }
}
