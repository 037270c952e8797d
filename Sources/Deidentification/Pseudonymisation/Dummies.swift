// Dummy values (action D): not empty, valid for the representation, and saying nothing.

internal import DICOMVocabulary

enum Dummy {
    static let text = "REMOVED"
    static let codeMeaning = "Removed"
    /// A local designator begins with 99 (PS3.16 8.2).
    static let codingScheme = "99ANTIPODE"

    static func value(_ vr: VR) -> [UInt8] {
        switch vr {
        case .PN, .LO, .SH, .ST, .LT, .UT, .UC, .CS: Array(text.utf8)
        case .AE: Array("ANTIPODE".utf8)
        case .AS: Array("000Y".utf8)
        case .DA: Array("19000101".utf8)
        case .DT: Array("19000101000000".utf8)
        case .TM: Array("000000".utf8)
        case .DS, .IS: Array("0".utf8)
        case .UR: Array("about:blank".utf8)
        case .UI, .SQ: []
        case .US, .SS, .OB, .OW, .UN, .unknown: [0, 0]
        case .AT, .FL, .SL, .UL, .OF, .OL: [0, 0, 0, 0]
        case .FD, .SV, .UV, .OD, .OV: [0, 0, 0, 0, 0, 0, 0, 0]
        }
    }
}
