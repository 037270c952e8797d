// Which association, for logs, journal events and assembly.

package import DICOMVocabulary

/// One admitted association of this run of the program.
package struct AssociationKey: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Counts from 1 in each run.
    package var number: UInt64
    package var listener: String
    /// The peer's numeric address.
    package var address: String
    package var callingAE: AETitle
    package var calledAE: AETitle

    package init(number: UInt64, listener: String, address: String, callingAE: AETitle, calledAE: AETitle) {
        self.number = number
        self.listener = listener
        self.address = address
        self.callingAE = callingAE
        self.calledAE = calledAE
    }

    package var description: String { "A\(number)" }
}
