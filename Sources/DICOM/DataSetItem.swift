// One level of a data set: the root, or an item of a sequence.

internal import CDCMTK
package import DICOMVocabulary

/// A view into a `DataSet`, which it keeps alive. Elements and items that are removed stay readable through values
/// obtained before, so a walk may edit as it goes.
package struct DataSetItem {
    let owner: DataSet
    let handle: OpaquePointer

    /// A snapshot in tag order.
    package var elements: [DataSetElement] {
        let count = cdcmtk_item_count(handle)
        let infos = [cdcmtk_element_info](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = cdcmtk_item_elements(handle, buffer.baseAddress, count)
        }
        return infos.map { DataSetElement(owner: owner, info: $0) }
    }

    package var isEmpty: Bool { cdcmtk_item_count(handle) == 0 }

    /// The element of this level, not of its sequences.
    package subscript(tag: Tag) -> DataSetElement? {
        var info = cdcmtk_element_info()
        guard cdcmtk_item_find(handle, tag.rawValue, &info) else { return nil }
        return DataSetElement(owner: owner, info: info)
    }

    /// Does nothing if there is no such element.
    package func remove(_ tag: Tag) { cdcmtk_item_remove(owner.handle, handle, tag.rawValue) }

    /// Puts an element with these value bytes in place of any other of its tag. Numbers are in little endian, text is in
    /// the data set's character set; an odd length is padded (PS3.5 6.2). `.SQ` takes no bytes and makes an empty
    /// sequence. Fails with `.tooLarge` where explicit VR has no room for the length (64 kB for most text).
    package func set(_ tag: Tag, _ vr: VR, _ value: [UInt8]) throws(Failure) {
        try put(ElementEncoding.explicitLittleEndian(tag, vr, value))
    }

    /// The same for text of the default repertoire, or of UTF-8 where the data set declares ISO_IR 192.
    package func set(_ tag: Tag, _ vr: VR, text: String) throws(Failure) { try set(tag, vr, Array(text.utf8)) }

    /// Several texts at once, for little more than the cost of one; each tag once.
    package func set(_ texts: [(tag: Tag, vr: VR, text: String)]) throws(Failure) {
        guard !texts.isEmpty else { return }
        var bytes: [UInt8] = []
        for (tag, vr, text) in texts { bytes += try ElementEncoding.explicitLittleEndian(tag, vr, Array(text.utf8)) }
        try put(bytes)
    }

    private func put(_ elements: [UInt8]) throws(Failure) {
        let status = cdcmtk_item_put(owner.handle, handle, elements, elements.count)
        guard status.code == CDCMTK_OK else { throw Failure(status) }
    }

    /// Appends an empty item, making the sequence if there is none (DcmSequenceOfItems::append).
    package func addItem(to sequence: Tag) throws(Failure) -> DataSetItem {
        var item: OpaquePointer?
        let status = cdcmtk_item_append_item(owner.handle, handle, sequence.rawValue, &item)
        guard status.code == CDCMTK_OK, let item else { throw Failure(status) }
        return DataSetItem(owner: owner, handle: item)
    }

    /// Leaves the sequence empty, or makes an empty one.
    package func removeItems(of sequence: Tag) throws(Failure) { try set(sequence, .SQ, []) }

    /// Does nothing if there is no such item.
    package func removeItem(at index: Int, of sequence: Tag) {
        guard index >= 0 else { return }
        cdcmtk_item_remove_item(owner.handle, handle, sequence.rawValue, index)
    }
}
