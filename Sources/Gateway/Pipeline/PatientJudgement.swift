// Whether all images of a study are one patient's.

import DICOMVocabulary
import Vault

/// Whose a study is, as far as anybody knows.
struct PatientJudgement: Sendable {
    /// The first that is known; without attributes where none is.
    var identity: StudyIdentity
    /// Why nobody can say whose it is; nil where all agrees, or where a person has said that the patient is one and the same.
    var doubt: String?
    /// The marks in the study's row that it rests on: one that came since was not judged.
    var marks: Set<String>

    /// Why identities and marks cannot be one patient's. Two may have one number, or none, and contradict each other.
    static func doubt(of known: [StudyIdentity], _ vault: VaultDatabase, marks: Set<String>) -> String? {
        if Set(known.map(vault.patientKey)).count < 2, contradict(known) {
            return "differ in the patient's name or birth date, and agree in no two of number, name and birth date"
        }
        return marks.count > 1 ? "name \(marks.count) different patients" : nil
    }

    /// Whether what is known names two patients: two numbers, or what no one number covers. That somebody without a number has one now
    /// is none.
    static func isDisputed(_ known: [StudyIdentity], _ vault: VaultDatabase) -> Bool {
        let numbers = Set(known.filter(\.hasPatientNumber).map(vault.patientKey))
        return numbers.count > 1
            || known.indices.contains { first in
                known[(first + 1)...].contains { second in
                    known[first].hasPatientNumber
                        ? second.contradicts(known[first]) : known[first].contradicts(second)
                }
            }
    }

    private static func contradict(_ known: [StudyIdentity]) -> Bool {
        known.indices.contains { first in
            known[(first + 1)...].contains { known[first].contradicts($0) }
        }
    }
}
