// One element of a data set.

internal import CDCMTK
package import DICOMVocabulary

/// An element as it stood when it was asked for. It stays readable after it was removed from its item.
package struct DataSetElement {
    package let tag: Tag
    package let vr: VR
    /// Bytes as they stand, padding included; 0xFFFFFFFF or any other number for a sequence.
    package let length: Int
    package let isSequence: Bool
    private let owner: DataSet
    private let handle: OpaquePointer?

    init(owner: DataSet, info: cdcmtk_element_info) {
        self.owner = owner
        tag = Tag(rawValue: info.tag)
        vr = VR(letters: (UInt8(bitPattern: info.vr.0), UInt8(bitPattern: info.vr.1))) ?? .unknown
        length = Int(info.length)
        isSequence = info.is_sequence
        handle = info.element
    }

    /// The value without its padding: text loses trailing spaces, UIDs trailing NULs. Numbers are in little endian
    /// whatever the source was in. Empty for a sequence, and for encapsulated pixel data.
    package var value: [UInt8] {
        var bytes = paddedValue
        guard vr.isText else { return bytes }
        while let last = bytes.last, last == 0x20 || last == 0 { bytes.removeLast() }
        return bytes
    }

    /// The value's bytes as they stand, all of them.
    package var paddedValue: [UInt8] {
        guard !isSequence, let handle, length != 0xFFFF_FFFF else { return [] }
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, filled in
            filled = cdcmtk_element_value(handle, buffer.baseAddress, length).code == CDCMTK_OK ? length : 0
        }
    }

    /// The items of a sequence, else none.
    package var items: [DataSetItem] {
        guard isSequence, let handle else { return [] }
        let count = cdcmtk_element_item_count(handle)
        let handles = [OpaquePointer?](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = cdcmtk_element_items(handle, buffer.baseAddress, count)
        }
        return handles.compactMap { $0.map { DataSetItem(owner: owner, handle: $0) } }
    }
}
