// The sequences of a study's header on their way into its report.

internal import DICOM
internal import DICOMVocabulary

/// Issuers, other identifiers, identifications of persons and references (PS3.3 C.7.1.1, C.7.2.1, C.3.2), as the study
/// had them: the same items, in the same order, with the same values.
struct StudySequences {
    private let sequences: [(tag: Tag, items: [DataSetItem])]
    /// Kept, but not to be read any more.
    let unreadable: [Tag]
    private let coding: TextCoding

    init(_ identity: StudyIdentity) {
        coding = TextCoding(characterSet: identity.characterSet)
        var sequences: [(tag: Tag, items: [DataSetItem])] = []
        var unreadable: [Tag] = []
        for sequence in identity.sequences {
            if let items = Self.items(of: sequence) {
                sequences.append((sequence.tag, items))
            } else {
                unreadable.append(sequence.tag)
            }
        }
        self.sequences = sequences
        self.unreadable = unreadable
    }

    /// nil for what the scanner or the parser refuses.
    private static func items(of sequence: RawSequence) -> [DataSetItem]? {
        do throws(Failure) {
            let dataSet = try DataSet(bytes: sequence.element, transferSyntax: sequence.transferSyntax)
            guard let element = dataSet.root[sequence.tag], element.isSequence else { return nil }
            return element.items
        } catch {
            return nil
        }
    }

    /// Whether all text can be written in a character set. What is in that set already goes as it is.
    func fits(_ target: TextCoding) -> Bool {
        var pending = sequences.flatMap { $0.items.map { ($0, TextCoding(of: $0, within: coding)) } }
        while let (item, coding) = pending.popLast() {
            for element in item.elements {
                pending += element.items.map { ($0, TextCoding(of: $0, within: coding)) }
                if element.vr.isLocalisedText, coding.rewritten(element.value, element.vr, in: target) == nil {
                    return false
                }
            }
        }
        return true
    }

    var isASCII: Bool {
        var pending = sequences.flatMap(\.items)
        while let item = pending.popLast() {
            for element in item.elements {
                pending += element.items
                if element.vr.isLocalisedText, element.value.contains(where: { $0 >= 0x80 || $0 == 0x1B }) {
                    return false
                }
            }
        }
        return true
    }

    /// Puts them in place of what the report has of them. Items that declared a character set of their own are in that
    /// of the report then.
    func put(into root: DataSetItem, _ target: TextCoding) throws(Failure) {
        for (tag, items) in sequences { try copy(items, tag, into: root, coding, target) }
    }

    /// Depth is bounded by the scan before they were parsed.
    private func copy(
        _ items: [DataSetItem], _ tag: Tag, into parent: DataSetItem, _ outer: TextCoding, _ target: TextCoding
    ) throws(Failure) {
        try parent.removeItems(of: tag)
        for item in items {
            let copied = try parent.addItem(to: tag)
            let coding = TextCoding(of: item, within: outer)
            for element in item.elements where element.tag != .specificCharacterSet {
                if element.isSequence {
                    try copy(element.items, element.tag, into: copied, coding, target)
                } else if element.vr.isLocalisedText {
                    let value = element.value
                    try copied.set(element.tag, element.vr, coding.rewritten(value, element.vr, in: target) ?? value)
                } else {
                    try copied.set(element.tag, element.vr, element.value)
                }
            }
        }
    }
}

extension TextCoding {
    /// The same characters in another set; nil if one has no place in it. The same bytes where the sets are the same.
    func rewritten(_ value: [UInt8], _ vr: VR, in target: TextCoding) -> [UInt8]? {
        guard characterSet != target.characterSet, value.contains(where: { $0 >= 0x80 || $0 == 0x1B }) else {
            return value
        }
        return target.encode(decode(value, vr: vr))
    }
}

extension RawSequence {
    fileprivate var transferSyntax: TransferSyntax {
        switch encoding {
        case .implicitLittleEndian: .implicitVRLittleEndian
        case .explicitLittleEndian: .explicitVRLittleEndian
        case .explicitBigEndian: .explicitVRBigEndian
        }
    }

    /// A data set of this one element, of defined length (PS3.5 7.1.2, 7.1.3).
    fileprivate var element: [UInt8] {
        let isBigEndian = encoding == .explicitBigEndian
        func number(_ value: UInt32, bytes count: Int) -> [UInt8] {
            let little = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            return isBigEndian ? little.reversed() : little
        }
        var header = number(UInt32(tag.group), bytes: 2) + number(UInt32(tag.element), bytes: 2)
        if encoding != .implicitLittleEndian { header += Array(VR.SQ.rawValue.utf8) + [0, 0] }
        return header + number(UInt32(truncatingIfNeeded: items.count), bytes: 4) + items
    }
}
