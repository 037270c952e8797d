// The action codes of PS3.15 Table E.1-1a and the options that change them.

/// What Table E.1-1 says to do with an attribute. Compound codes leave the choice to the type of the attribute in the
/// IOD (PS3.15 E.1.1, Table E.1-1a).
package enum ConfidentialityAction: String, Hashable, Sendable, CaseIterable {
    case dummy = "D"
    case empty = "Z"
    case remove = "X"
    case keep = "K"
    case clean = "C"
    case replaceUID = "U"
    case emptyOrDummy = "Z/D"
    case removeOrEmpty = "X/Z"
    case removeOrDummy = "X/D"
    case removeEmptyOrDummy = "X/Z/D"
    case removeEmptyOrReplaceUIDs = "X/Z/U*"

    /// This action of the basic profile, or that of an option that is enabled: an option overrides the profile (PS3.15 E.3),
    /// and of two that both speak, the one that cleans wins over the one that retains.
    func overridden(
        by options: [ConfidentialityOption: ConfidentialityAction], enabled: Set<ConfidentialityOption>
    ) -> ConfidentialityAction {
        let applying = options.filter { enabled.contains($0.key) }.map(\.value)
        return applying.contains(.clean) ? .clean : applying.first ?? self
    }

    /// The one action for an attribute of the given type. Where the type is not known the attribute stays present, as a
    /// dummy where the code allows one: a missing Type 1 or 2 attribute makes the object unreadable for some viewers,
    /// a dummy never does.
    package func resolved(for type: AttributeType?) -> ConfidentialityAction {
        switch (self, type) {
        case (.emptyOrDummy, .two?): .empty
        case (.emptyOrDummy, _): .dummy
        case (.removeOrEmpty, .three?): .remove
        case (.removeOrEmpty, _): .empty
        case (.removeOrDummy, .three?): .remove
        case (.removeOrDummy, _): .dummy
        case (.removeEmptyOrDummy, .three?): .remove
        case (.removeEmptyOrDummy, .two?): .empty
        case (.removeEmptyOrDummy, _): .dummy
        // References are worth more to a reader than their absence, and their UIDs are replaced (the asterisk).
        case (.removeEmptyOrReplaceUIDs, _): .replaceUID
        default: self
        }
    }
}

/// An option of PS3.15 E.3 by its code in CID 7050.
package enum ConfidentialityOption: String, Hashable, Sendable, CaseIterable {
    case cleanPixelData = "113101"
    case cleanRecognizableVisualFeatures = "113102"
    case cleanGraphics = "113103"
    case cleanStructuredContent = "113104"
    case cleanDescriptors = "113105"
    case retainFullDates = "113106"
    case retainModifiedDates = "113107"
    case retainPatientCharacteristics = "113108"
    case retainDeviceIdentity = "113109"
    case retainUIDs = "113110"
    case retainSafePrivate = "113111"
    case retainInstitutionIdentity = "113112"

    /// Code Meaning of CID 7050.
    package var meaning: String {
        switch self {
        case .cleanPixelData: "Clean Pixel Data Option"
        case .cleanRecognizableVisualFeatures: "Clean Recognizable Visual Features Option"
        case .cleanGraphics: "Clean Graphics Option"
        case .cleanStructuredContent: "Clean Structured Content Option"
        case .cleanDescriptors: "Clean Descriptors Option"
        case .retainFullDates: "Retain Longitudinal Temporal Information Full Dates Option"
        case .retainModifiedDates: "Retain Longitudinal Temporal Information Modified Dates Option"
        case .retainPatientCharacteristics: "Retain Patient Characteristics Option"
        case .retainDeviceIdentity: "Retain Device Identity Option"
        case .retainUIDs: "Retain UIDs Option"
        case .retainSafePrivate: "Retain Safe Private Option"
        case .retainInstitutionIdentity: "Retain Institution Identity Option"
        }
    }
}
