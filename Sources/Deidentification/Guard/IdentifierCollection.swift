// Where the identifiers of a study stand.

internal import DICOM
internal import DICOMVocabulary

extension IdentifierPatterns {
    /// Patient identifiers, order and visit numbers, contact data.
    private static let identifiers: [Tag: IdentifierKind] = [
        .patientID: .patientID, Tag(0x0010, 0x1000): .patientID, Tag(0x0010, 0x1090): .patientID,
        Tag(0x0010, 0x1050): .patientID, Tag(0x0012, 0x0040): .patientID, Tag(0x0012, 0x0042): .patientID,
        .accessionNumber: .orderNumber, Tag(0x0040, 0x1001): .orderNumber, Tag(0x0040, 0x0009): .orderNumber,
        Tag(0x0040, 0x0253): .orderNumber, Tag(0x0040, 0x2016): .orderNumber, Tag(0x0040, 0x2017): .orderNumber,
        Tag(0x0038, 0x0010): .orderNumber, Tag(0x0038, 0x0060): .orderNumber, Tag(0x0040, 0x050A): .orderNumber,
        .studyID: .orderNumber, Tag(0x0010, 0x2154): .contact, Tag(0x0008, 0x0094): .contact,
        Tag(0x0040, 0x1103): .contact, Tag(0x0040, 0x2010): .contact,
    ]

    /// Addresses: their words count, for they may be written anywhere.
    private static let addresses: Set<Tag> = [Tag(0x0010, 0x1040), Tag(0x0008, 0x0092), Tag(0x0040, 0x1102)]

    mutating func collect(_ identity: StudyIdentity) {
        let coding = TextCoding(characterSet: identity.characterSet)
        for attribute in identity.attributes { collect(attribute.tag, attribute.vr, attribute.value, coding) }
    }

    /// Everything that an instance says of persons and objects, at every level, before it is edited.
    mutating func collect(_ root: DataSetItem) {
        var pending = [(root, TextCoding(of: root))]
        while let (item, coding) = pending.popLast() {
            for element in item.elements {
                if element.isSequence {
                    pending += element.items.map { ($0, TextCoding(of: $0, within: coding)) }
                } else if Self.isCollected(element.tag, element.vr) {
                    collect(element.tag, element.vr, element.value, coding)
                }
            }
        }
    }

    private static func isCollected(_ tag: Tag, _ vr: VR) -> Bool {
        vr == .PN || vr == .UI || tag == .patientBirthDate || identifiers[tag] != nil || addresses.contains(tag)
    }

    private mutating func collect(_ tag: Tag, _ vr: VR, _ value: [UInt8], _ coding: TextCoding) {
        guard !value.isEmpty else { return }
        if vr == .UI {
            guard !KnownAttributes.structuralUIDs.contains(tag) else { return }
            for part in value.split(separator: 0x5C) {
                let uid = UID(String(decoding: part, as: UTF8.self))
                if UIDReplacement.isReplaced(uid) { add(uid: uid.string) }
            }
        } else if vr == .PN {
            let kind: IdentifierKind = PatientNames.tags.contains(tag) ? .patientName : .personName
            for name in coding.decode(value, vr: .PN).split(separator: "\\") {
                add(name: String(name), rawValue: value, kind: kind, coding: coding)
            }
        } else if tag == .patientBirthDate {
            add(birthDate: String(decoding: value, as: UTF8.self))
        } else if let kind = Self.identifiers[tag] {
            let minimum = tag == .studyID ? 5 : kind == .contact ? 6 : 4
            for part in coding.decode(value, vr: .LO).split(separator: "\\") {
                add(identifier: String(part), kind, minimum: minimum)
            }
        } else if Self.addresses.contains(tag) {
            for word in PatientNames.words(coding.decode(value, vr: .LO)) where word.count >= 5 {
                add(word: word, .contact, coding)
            }
        }
    }
}
