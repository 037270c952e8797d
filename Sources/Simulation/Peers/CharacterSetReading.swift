// Text out of values, in the character set they declare.

import DICOM
import DICOMVocabulary

enum CharacterSetReading {
    /// Latin-1 for what does not decode, so that something can always be shown.
    static func text(_ value: [UInt8], _ characterSet: String, _ vr: VR) -> String {
        CharacterSet.decode(value, characterSet, vr: vr)
            ?? String(String.UnicodeScalarView(value.map { Unicode.Scalar($0) }))
    }
}
