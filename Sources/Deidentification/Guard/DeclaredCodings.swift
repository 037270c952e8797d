// The character set that holds where a value stands (PS3.3 C.12.1.1.2).

internal import DICOMVocabulary

/// Follows a walk, and gives text beyond ASCII as UTF-8: an item may declare another set than the one in which the
/// patient's name is written.
struct DeclaredCodings {
    private struct Declaration {
        let path: [(tag: Tag, item: Int)]
        let coding: TextCoding
    }

    /// The innermost last. A declaration holds for its item and all that is inside of it.
    private var declared: [Declaration] = []

    /// nil where the bytes themselves are all there is to search: ASCII, UTF-8, or nothing that the set can mean.
    mutating func text(
        of value: UnsafeRawBufferPointer, _ tag: Tag, _ vr: VR, _ path: [(tag: Tag, item: Int)]
    ) -> [UInt8]? {
        if tag == .specificCharacterSet {
            leave(path)
            var name = value[...]
            while let last = name.last, last == 0x20 || last == 0 { name.removeLast() }
            declared.append(
                Declaration(path: path, coding: TextCoding(characterSet: String(decoding: name, as: UTF8.self))))
            return nil
        }
        guard vr.isLocalisedText, value.contains(where: { $0 >= 0x80 || $0 == 0x1B }) else { return nil }
        leave(path)
        guard let coding = declared.last?.coding, !coding.isDefaultRepertoire,
            coding.characterSet != TextCoding.utf8.characterSet, coding.holds(Array(value), vr: vr)
        else { return nil }
        return Array(coding.decode(Array(value), vr: vr).utf8)
    }

    private mutating func leave(_ path: [(tag: Tag, item: Int)]) {
        while let last = declared.last?.path,
            last.count > path.count || !zip(last, path).allSatisfy({ $0.tag == $1.tag && $0.item == $1.item })
        { declared.removeLast() }
    }
}
