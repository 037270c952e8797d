// Where the identifiers of a study stand, and which values they have.

internal import DICOM
internal import DICOMVocabulary

/// A value that says who somebody is, with what its meaning depends on.
struct SourceValue: Hashable {
    let tag: Tag
    let vr: VR
    let value: [UInt8]
    let characterSet: String
}

/// All that a source says of persons and objects.
struct SourceValues {
    /// Names, numbers, dates and addresses, in the order in which they stand.
    private(set) var identifiers: [SourceValue] = []
    private(set) var uids: Set<UInt64> = []

    init() {}

    mutating func collect(_ identity: StudyIdentity) {
        for attribute in identity.attributes {
            guard let role = IdentifierRole(attribute.tag, attribute.vr), role != .institution else { continue }
            collect(attribute.tag, attribute.vr, attribute.value, role, identity.characterSet)
        }
    }

    /// Everything that an instance says at every level, before it is edited.
    mutating func collect(_ root: DataSetItem, keepsInstitution: Bool = false) {
        var pending = [(root, TextCoding(of: root))]
        while let (item, coding) = pending.popLast() {
            for element in item.elements {
                if element.isSequence {
                    pending += element.items.map { ($0, TextCoding(of: $0, within: coding)) }
                } else if let role = IdentifierRole(element.tag, element.vr), role != .institution || !keepsInstitution
                {
                    collect(element.tag, element.vr, element.value, role, coding.characterSet)
                }
            }
        }
    }

    /// "0" or "1.2" where nobody had a UID: at most two arcs of at most two digits, which can name neither an object nor,
    /// written into the wrong field, a person. It is replaced like any other UI value; but in attributes that name kinds of
    /// things, which stay, it is no find.
    private static func isPlaceholder(_ uid: UID) -> Bool {
        let arcs = uid.string.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
        return arcs.count <= 2
            && arcs.allSatisfy { (1...2).contains($0.count) && $0.allSatisfy { (0x30...0x39).contains($0) } }
    }

    private mutating func collect(
        _ tag: Tag, _ vr: VR, _ value: [UInt8], _ role: IdentifierRole, _ characterSet: String
    ) {
        guard !value.isEmpty else { return }
        guard role == .uid else {
            return identifiers.append(SourceValue(tag: tag, vr: vr, value: value, characterSet: characterSet))
        }
        for part in value.split(separator: 0x5C) {
            let uid = UID(String(decoding: part, as: UTF8.self))
            if UIDReplacement.isReplaced(uid), !Self.isPlaceholder(uid) {
                uids.insert(IdentifierPatterns.hash(uid.string.utf8))
            }
        }
    }
}

/// What kind of value an attribute holds, where it holds one that identifies.
enum IdentifierRole: Hashable {
    case uid
    case name(IdentifierKind)
    case birthDate
    case number(IdentifierKind)
    /// Their words count, for they may be written anywhere.
    case address
    /// The words of Institution Name, Address, Station Name, Department and ward name the hospital wherever somebody put them,
    /// in the designators of local codes above all.
    case institution

    init?(_ tag: Tag, _ vr: VR) {
        switch vr {
        case .UI:
            guard !KnownAttributes.structuralUIDs.contains(tag) else { return nil }
            self = .uid
        case .PN:
            self = .name(PatientNames.tags.contains(tag) ? .patientName : .personName)
        default:
            guard let known = Self.roles[tag] else { return nil }
            self = known
        }
    }

    private static let roles: [Tag: IdentifierRole] = [
        .patientBirthDate: .birthDate,
        // Patient identifiers, order and visit numbers, contact data.
        .patientID: .number(.patientID), Tag(0x0010, 0x1000): .number(.patientID),
        Tag(0x0010, 0x1090): .number(.patientID), Tag(0x0010, 0x1050): .number(.patientID),
        Tag(0x0012, 0x0040): .number(.patientID), Tag(0x0012, 0x0042): .number(.patientID),
        .accessionNumber: .number(.orderNumber), Tag(0x0040, 0x1001): .number(.orderNumber),
        Tag(0x0040, 0x0009): .number(.orderNumber), Tag(0x0040, 0x0253): .number(.orderNumber),
        Tag(0x0040, 0x2016): .number(.orderNumber), Tag(0x0040, 0x2017): .number(.orderNumber),
        Tag(0x0038, 0x0010): .number(.orderNumber), Tag(0x0038, 0x0060): .number(.orderNumber),
        Tag(0x0040, 0x050A): .number(.orderNumber), .studyID: .number(.orderNumber),
        Tag(0x0010, 0x2154): .number(.contact), Tag(0x0008, 0x0094): .number(.contact),
        Tag(0x0040, 0x1103): .number(.contact), Tag(0x0040, 0x2010): .number(.contact),
        Tag(0x0010, 0x1040): .address, Tag(0x0008, 0x0092): .address, Tag(0x0040, 0x1102): .address,
        Tag(0x0008, 0x0080): .institution, Tag(0x0008, 0x0081): .institution,
        Tag(0x0008, 0x1010): .institution, Tag(0x0008, 0x1040): .institution,
        // Where the patient lies and lives.
        Tag(0x0038, 0x0300): .institution, Tag(0x0038, 0x0400): .institution,
    ]
}

extension IdentifierPatterns {
    init(_ values: SourceValues) {
        for source in values.identifiers { add(source) }
        close()
        uids = values.uids
    }

    private mutating func add(_ source: SourceValue) {
        let coding = TextCoding(characterSet: source.characterSet)
        switch IdentifierRole(source.tag, source.vr) {
        case .name(let kind):
            for name in coding.decode(source.value, vr: .PN).split(separator: "\\") {
                add(name: String(name), rawValue: source.value, kind: kind, coding: coding)
            }
        case .birthDate:
            add(birthDate: String(decoding: source.value, as: UTF8.self))
        case .number(let kind):
            let minimum = source.tag == .studyID ? 5 : kind == .contact ? 6 : 4
            for part in coding.decode(source.value, vr: .LO).split(separator: "\\") {
                add(identifier: String(part), kind, minimum: minimum)
            }
        case .address: addWords(of: source, .contact, coding)
        case .institution: addWords(of: source, .institution, coding)
        case .uid, nil: break
        }
    }

    private mutating func addWords(of source: SourceValue, _ kind: IdentifierKind, _ coding: TextCoding) {
        for word in PatientNames.words(coding.decode(source.value, vr: .LO)) where word.count >= 5 {
            add(word: word, kind, coding)
        }
    }
}

/// The patterns that were made last. The instances of a series say the same of patient, order and persons, and writing
/// that in every spelling is most of what the guard costs. The same values give the same patterns, remembered or not.
/// One thread.
package final class IdentifierMemory {
    private var last: (identifiers: [SourceValue], patterns: IdentifierPatterns)?

    package init() {}

    func patterns(of values: SourceValues) -> IdentifierPatterns {
        if let last, last.identifiers == values.identifiers {
            var patterns = last.patterns
            patterns.uids = values.uids
            return patterns
        }
        let patterns = IdentifierPatterns(values)
        last = (values.identifiers, patterns)
        return patterns
    }
}
