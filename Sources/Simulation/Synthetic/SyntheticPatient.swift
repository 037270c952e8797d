// The people of the synthetic studies. None of them lives.

/// A patient and an order, made up. The number is a Swedish test personnummer (Skatteverket's list of test numbers; its
/// check digit is right, and nobody has it).
package struct SyntheticPatient: Sendable, Hashable {
    package var name: String
    package var identifier: String
    package var birthDate: String
    package var sex: String
    package var accessionNumber: String
    package var referringPhysician: String
    package var institution: String
    package var requestedProcedureID: String

    package init(
        name: String = "Öberg-Ström^Åsa Märta", identifier: String = "19121212-1212", birthDate: String = "19121212",
        sex: String = "F", accessionNumber: String = "SE26-0301-0042", referringPhysician: String = "Sjögren^Björn",
        institution: String = "Västra Ängsö sjukhus", requestedProcedureID: String = "REM-77120"
    ) {
        self.name = name
        self.identifier = identifier
        self.birthDate = birthDate
        self.sex = sex
        self.accessionNumber = accessionNumber
        self.referringPhysician = referringPhysician
        self.institution = institution
        self.requestedProcedureID = requestedProcedureID
    }
}
