// Whether a study is of one patient.

/// Marks of patients in the journal: keyed values of the vault, and one word.
package enum PatientMark {
    /// Stands for an instance whose identity the vault has not seen; planning reads its header.
    package static let unread = "unread"
    /// Patients of one study are told apart up to here: more than one is a mix-up already.
    static let maximumOfStudy = 16

    /// Stands for a patient whom images named that came under the UIDs of a study's, with other content, and were not kept. He
    /// counts in the question whose the study is; none of its images are his.
    package static func besides(_ mark: String) -> String { "?" + mark }

    /// Of `besides`, who it is; of any other, itself.
    package static func patient(_ mark: String) -> String { mark.hasPrefix("?") ? String(mark.dropFirst()) : mark }
}
