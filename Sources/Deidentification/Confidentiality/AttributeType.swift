// The types (PS3.5 7.4) that decide the compound codes of Table E.1-1.

package import DICOMVocabulary

/// Whether an IOD requires an attribute with a value (1, 1C), requires it (2, 2C) or leaves it free (3).
package enum AttributeType: Hashable, Sendable { case one, two, three }

/// The kinds of object whose modules give an attribute another type (PS3.3 A and C).
package enum ObjectFamily: Hashable, Sendable {
    /// CT, MR, CR, DX, MG, XA, NM and the like, one image or many frames under the older modules.
    case image
    case positronEmission
    /// Enhanced CT, MR, PET, XA, XRF and their like, segmentations and parametric maps: Enhanced General Equipment.
    case enhanced
    case radiotherapy
    case presentation
    /// Structured reports, key object selections, encapsulated documents.
    case document
    case other

    package init(sopClass: UID) {
        let root = "1.2.840.10008.5.1.4.1.1."
        guard sopClass.string.hasPrefix(root) else {
            self = .other
            return
        }
        let arc = sopClass.string.dropFirst(root.count)
        let first = arc.prefix { $0 != "." }
        switch arc {
        case "128": self = .positronEmission
        case "2.1", "4.1", "4.3", "12.1.1", "12.2.1", "130", "128.1", "2.2", "4.4", "30", "66.4", "66.5", "13.1.1",
            "13.1.2", "13.1.3":
            self = .enhanced
        default:
            switch first {
            case "1", "2", "4", "12", "20": self = .image
            case "11": self = .presentation
            case "88", "104": self = .document
            case "481": self = .radiotherapy
            default: self = .other
            }
        }
    }
}

extension AttributeType {
    /// The type of an attribute at the top level of an object, for the rows of Table E.1-1 with a compound code; nil where
    /// it is not known, and inside sequences.
    package static func of(_ tag: Tag, in family: ObjectFamily) -> AttributeType? {
        if let types = exceptions[tag], let type = types[family] { return type }
        // The general modules, where the attributes of Type 3 are, belong to every composite object.
        guard let type = usual[tag] else { return nil }
        return family == .other && type != .three ? nil : type
    }

    /// Types in General Series, General Equipment, General Image, SOP Common and Patient Study.
    private static let usual: [Tag: AttributeType] = [
        Tag(0x0008, 0x0012): .three, Tag(0x0008, 0x0013): .three, Tag(0x0008, 0x0021): .three,
        Tag(0x0008, 0x0031): .three, Tag(0x0008, 0x0022): .three, Tag(0x0008, 0x0032): .three,
        Tag(0x0008, 0x002A): .three, Tag(0x0008, 0x0023): .two, Tag(0x0008, 0x0033): .two,
        Tag(0x0008, 0x0080): .three, Tag(0x0008, 0x0082): .three, Tag(0x0008, 0x1010): .three,
        Tag(0x0018, 0x1000): .three, Tag(0x0008, 0x1070): .three, Tag(0x0008, 0x1072): .three,
        Tag(0x0018, 0x1030): .three, Tag(0x0018, 0x700A): .three, Tag(0x0018, 0x700C): .three,
        Tag(0x0018, 0x700E): .three, Tag(0x0018, 0x1400): .three, Tag(0x0032, 0x1060): .three,
        Tag(0x0008, 0x1110): .three, Tag(0x0008, 0x1111): .three, Tag(0x0010, 0x2203): .two,
        Tag(0x0018, 0x0010): .two, Tag(0x0040, 0x0555): .two, Tag(0x0070, 0x0084): .two, Tag(0x2200, 0x0005): .three,
        Tag(0x2200, 0x0002): .three,
    ]

    private static let exceptions: [Tag: [ObjectFamily: AttributeType]] = [
        // PET Series and PET Image (PS3.3 C.8.9.1, C.8.9.4).
        Tag(0x0008, 0x0021): [.positronEmission: .one], Tag(0x0008, 0x0031): [.positronEmission: .one],
        Tag(0x0008, 0x0022): [.positronEmission: .two], Tag(0x0008, 0x0032): [.positronEmission: .two],
        // SR Document General, Key Object Document, Multi-frame Functional Groups; Encapsulated Document has 2.
        Tag(0x0008, 0x0023): [.document: .one, .enhanced: .one],
        Tag(0x0008, 0x0033): [.document: .one, .enhanced: .one],
        Tag(0x0008, 0x002A): [.enhanced: .one, .document: .two],
        // Enhanced General Equipment (C.7.5.2), which many of the newer objects have.
        Tag(0x0018, 0x1000): [.enhanced: .one, .document: .one, .other: .one],
        // RT Series (C.8.8.1).
        Tag(0x0008, 0x1070): [.radiotherapy: .two],
        // SR Document Series, Key Object Document Series (C.17.1, C.17.6.1).
        Tag(0x0008, 0x1111): [.document: .two],
    ]
}
