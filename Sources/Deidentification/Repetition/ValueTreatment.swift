// What a value's own content has to say in what becomes of it.

internal import DICOMVocabulary

/// Of an element at the top level of an image, beside all others that stay the same.
enum ValueTreatment {
    /// Leaves as it is, whatever it is. The guard looks into it.
    case stays
    /// Is removed, emptied or replaced by the same dummy, whatever it is.
    case isConstant
    /// The instance's own UID, replaced by its pseudonym.
    case isOwnUID
    /// What it says, or what is done for it, is not told by tag and representation alone.
    case counts
}

extension DeidentificationProfile {
    /// `creator`: of the block, for a private attribute. An allow list of numbers and times, under the representations of the
    /// dictionary: where an instance stands in its series and how it was acquired. Nothing of it is read by hold rules, pixel
    /// templates, character sets, the patient's age or the guard's collecting, which ask for tags, whatever stands there.
    func treatment(of tag: Tag, _ vr: VR, creator: String?, in family: ObjectFamily) -> ValueTreatment {
        if tag == .sopInstanceUID, vr == .UI { return .isOwnUID }
        // Group lengths are dropped by the parser.
        if tag.element == 0 { return vr == .UL ? .isConstant : .counts }
        if IdentifierRole(tag, vr) != nil { return .counts }
        return tag.isPrivate ? privateTreatment(tag, vr, creator) : standardTreatment(tag, vr, family)
    }

    private func standardTreatment(_ tag: Tag, _ vr: VR, _ family: ObjectFamily) -> ValueTreatment {
        let isTime = vr == .TM || vr == .DT
        let isListed =
            [0x0018, 0x0020, 0x0054].contains(tag.group) || tag.group == 0x0008 && isTime
            || Self.ofSamples.contains(tag)
        guard isListed, isTime || Self.numbers.contains(vr), !KnownAttributes.removed.contains(tag),
            !HoldFacts.tags.contains(tag), !Self.readElsewhere.contains(tag), Self.isUsual(vr, of: tag)
        else { return .counts }
        guard let rule = rule(for: tag) else { return !isTime || keepsDates ? .stays : .isConstant }
        switch rule.action.resolved(for: AttributeType.of(tag, in: family)) {
        case .keep: return .stays
        case .remove, .empty, .dummy: return .isConstant
        default: return .counts
        }
    }

    private func privateTreatment(_ tag: Tag, _ vr: VR, _ creator: String?) -> ValueTreatment {
        // What stands in a sequence, and what is named, is collected for the guard.
        guard !tag.isPrivateCreator, vr != .SQ, vr != .UI, vr != .PN else { return .counts }
        guard options.contains(.retainSafePrivate), let creator else { return .isConstant }
        let safe = SafePrivateTable.standard.representations(of: tag, creator: creator)
        if safe.isEmpty { return .isConstant }
        return safe.contains(vr) && Self.numbers.contains(vr) ? .stays : .counts
    }

    /// As the dictionary has it: explicit VR says what it likes. Of US and SS it depends on other attributes which it is.
    private static func isUsual(_ vr: VR, of tag: Tag) -> Bool {
        let known = DictionaryRepresentation.of(tag)
        return known == vr || Set([known, vr]) == [.US, .SS]
    }

    /// By character sets, pixel templates and the patient's age.
    private static let readElsewhere: Set<Tag> = [
        .specificCharacterSet, .manufacturer, .studyDate, Tag(0x0008, 0x0021), Tag(0x0008, 0x0022), Tag(0x0008, 0x0023),
        Tag(0x0008, 0x1090), Tag(0x0018, 0x1020), Tag(0x0018, 0x6011),
    ]

    private static let numbers: Set<VR> = [.DS, .IS, .FL, .FD, .US, .SS, .UL, .SL]

    /// Of group 0028, of which the rest says what the pixels are: extremes, window, rescaling.
    private static let ofSamples: Set<Tag> = [
        Tag(0x0028, 0x0106), Tag(0x0028, 0x0107), Tag(0x0028, 0x1050), Tag(0x0028, 0x1051), Tag(0x0028, 0x1052),
        Tag(0x0028, 0x1053),
    ]
}
