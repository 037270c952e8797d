// What the text of a report is written in.

internal import DICOM
internal import DICOMVocabulary

/// All text of a report, to see which character set holds it.
struct LocalisedTexts {
    private(set) var all: [String] = []
    private(set) var hasEightBit = false
    private(set) var isUTF8 = true
    private(set) var hasInnerDeclaration = false
    /// Those that stand in text, where what they stand for has to be written in the report's character set. Names of
    /// persons (PN) do not count: those take the study's bytes.
    private(set) var tokens: Set<String> = []
    /// Some text is beyond what its declared character set can mean.
    private(set) var isUndeclared = false

    init(_ root: DataSetItem, _ coding: TextCoding) {
        var pending = [(root, coding, true)]
        while let (item, coding, isRoot) = pending.popLast() {
            if !isRoot, item[.specificCharacterSet] != nil { hasInnerDeclaration = true }
            for element in item.elements {
                if element.isSequence {
                    pending += element.items.map { ($0, TextCoding(of: $0, within: coding), false) }
                } else if element.vr.isLocalisedText {
                    let value = element.value
                    if element.vr != .PN { tokens.formUnion(TokenSearch.matches(in: value).map(\.string)) }
                    guard value.contains(where: { $0 >= 0x80 || $0 == 0x1B }) else { continue }
                    hasEightBit = hasEightBit || value.contains { $0 >= 0x80 }
                    isUndeclared = isUndeclared || !coding.holds(value, vr: element.vr)
                    isUTF8 = isUTF8 && String(validating: value, as: UTF8.self) != nil
                    all.append(coding.decode(value, vr: element.vr))
                }
            }
        }
    }
}
