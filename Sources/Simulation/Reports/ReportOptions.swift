// What kind of report a simulated reader writes.

package import DICOMVocabulary

package struct ReportOptions: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case basicText = "basic", enhanced, comprehensive, comprehensive3D = "comprehensive3d", encapsulatedPDF = "pdf"

        package var sopClass: UID {
            switch self {
            case .basicText: "1.2.840.10008.5.1.4.1.1.88.11"
            case .enhanced: "1.2.840.10008.5.1.4.1.1.88.22"
            case .comprehensive: "1.2.840.10008.5.1.4.1.1.88.33"
            case .comprehensive3D: "1.2.840.10008.5.1.4.1.1.88.34"
            case .encapsulatedPDF: "1.2.840.10008.5.1.4.1.1.104.1"
            }
        }
    }
    package enum Language: String, Sendable, CaseIterable { case swedish = "sv", english = "en" }

    package var kind = Kind.basicText
    package var language = Language.swedish
    /// `ISO_IR 192` or `ISO_IR 100`.
    package var characterSet = "ISO_IR 192"
    /// Completion Flag and Verification Flag (PS3.3 C.17.2).
    package var complete = true
    package var verified = true
    /// Preliminary Flag (0040,A496), left out when nil.
    package var preliminary: Bool?
    package var reader = "Söderberg^Örjan^^Dr"
    package var organization = "Läkare Söderut Pty Ltd"

    package init() {}
}
