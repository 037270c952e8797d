// Whether a study is of one patient.

/// Marks of patients in the journal: keyed values of the vault, and one word.
package enum PatientMark {
    /// Stands for an instance whose identity the vault has not seen; planning reads its header.
    package static let unread = "unread"
    /// Patients of one study are told apart up to here: more than one is a mix-up already.
    static let maximumOfStudy = 16
}
