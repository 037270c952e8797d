// A value as a person reads it.

package import DICOM
internal import DICOMVocabulary

/// Values of one item in its character set.
package struct ReadableText {
    private let coding: TextCoding

    package init(_ item: DataSetItem, within outer: ReadableText? = nil) {
        coding = TextCoding(of: item, within: outer?.coding)
    }

    /// Text decoded, numbers written out, other bytes counted.
    package func text(of element: DataSetElement) -> String {
        let bytes = element.value
        func numbers<Number: FixedWidthInteger>(_: Number.Type) -> String {
            let size = MemoryLayout<Number>.size
            return stride(from: 0, to: bytes.count - size + 1, by: size).prefix(16).map { start in
                let value = bytes[start..<start + size].reversed().reduce(Number.Magnitude(0)) {
                    $0 << 8 | Number.Magnitude($1)
                }
                return "\(Number(truncatingIfNeeded: value))"
            }.joined(separator: "\\")
        }
        switch element.vr {
        case .US: return numbers(UInt16.self)
        case .SS: return numbers(Int16.self)
        case .UL: return numbers(UInt32.self)
        case .SL: return numbers(Int32.self)
        case .UV: return numbers(UInt64.self)
        case .SV: return numbers(Int64.self)
        case .FL where bytes.count == 4:
            return "\(Float(bitPattern: bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }))"
        case .FD where bytes.count == 8:
            return "\(Double(bitPattern: bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }))"
        case _ where element.vr.isText:
            return String(coding.decode(bytes, vr: element.vr).map { $0.isNewline || $0 == "\u{1B}" ? " " : $0 })
        default: return "\(element.length) bytes"
        }
    }
}
