// Under which representation an attribute belongs.

internal import DICOM
internal import DICOMVocabulary
internal import Synchronization

/// What DCMTK's data dictionary (PS3.6) says of standard attributes, asked once for each tag. Safe from any thread.
enum DictionaryRepresentation {
    private static let known = Mutex<[Tag: VR]>([:])

    /// `.unknown` for what the dictionary does not have.
    static func of(_ tag: Tag) -> VR {
        if let vr = known.withLock({ $0[tag] }) { return vr }
        // An empty element in implicit VR gets the dictionary's.
        let header = [tag.group, tag.element, 0, 0].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let parsed = try? DataSet(bytes: header, transferSyntax: .implicitVRLittleEndian)
        let vr = parsed?.root[tag]?.vr ?? .unknown
        known.withLock { $0[tag] = vr }
        return vr
    }
}
