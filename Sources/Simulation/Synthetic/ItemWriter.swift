// Writing values and codes into data sets with few words.

import DICOM
import DICOMVocabulary

/// Puts text into an item in the character set that the data set declares.
struct ItemWriter {
    let item: DataSetItem
    /// Specific Character Set (0008,0005).
    let characterSet: String

    func text(_ tag: Tag, _ vr: VR, _ value: String) throws(Failure) {
        guard vr.isLocalisedText else {
            try item.set(tag, vr, Array(value.utf8))
            return
        }
        guard let bytes = CharacterSet.encode(value, characterSet) else {
            throw Failure(
                .unexpected, .refused, .instance,
                detail: "the value of \(tag) cannot be written in \(characterSet)",
                hint: "choose ISO_IR 192")
        }
        try item.set(tag, vr, bytes)
    }

    func bytes(_ tag: Tag, _ vr: VR, _ value: [UInt8]) throws(Failure) { try item.set(tag, vr, value) }

    func uid(_ tag: Tag, _ value: UID) throws(Failure) { try item.set(tag, .UI, Array(value.string.utf8)) }

    func short(_ tag: Tag, _ value: Int) throws(Failure) {
        let bits = UInt16(truncatingIfNeeded: value)
        try item.set(tag, .US, [UInt8(bits & 0xFF), UInt8(bits >> 8)])
    }

    /// Single precision in little endian (PS3.5 6.2, FL).
    func floats(_ tag: Tag, _ values: [Float]) throws(Failure) {
        let bytes = values.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) }
        }
        try item.set(tag, .FL, bytes)
    }

    func emptySequence(_ tag: Tag) throws(Failure) { try item.set(tag, .SQ, []) }

    func addItem(_ sequence: Tag) throws(Failure) -> ItemWriter {
        ItemWriter(item: try item.addItem(to: sequence), characterSet: characterSet)
    }

    func code(_ sequence: Tag, _ code: Code) throws(Failure) {
        let item = try addItem(sequence)
        try item.text(.codeValue, .SH, code.value)
        try item.text(.codingSchemeDesignator, .SH, code.scheme)
        try item.text(.codeMeaning, .LO, code.meaning)
    }

    func reference(_ sequence: Tag, sopClass: UID, sopInstance: UID) throws(Failure) {
        let item = try addItem(sequence)
        try item.uid(.referencedSOPClassUID, sopClass)
        try item.uid(.referencedSOPInstanceUID, sopInstance)
    }
}

/// A coded concept (PS3.3 8.8).
struct Code: Sendable, Hashable {
    let value: String
    let scheme: String
    let meaning: String

    init(_ value: String, _ scheme: String, _ meaning: String) {
        self.value = value
        self.scheme = scheme
        self.meaning = meaning
    }
}
