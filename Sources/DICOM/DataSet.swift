// A data set in memory, over DCMTK's DcmDataset.

internal import CDCMTK
package import DICOMVocabulary

/// A data set that was read, can be edited, and is written again. Workshop only: DCMTK reads the bytes.
///
/// ```swift
/// let dataSet = try DataSet(bytes: bytes, transferSyntax: .explicitVRLittleEndian)
/// dataSet.root.remove(.patientName)
/// try dataSet.root.set(.patientID, .LO, text: "APBCDFGHJKMN2")
/// let edited = try dataSet.encoded(as: .implicitVRLittleEndian)
/// ```
///
/// What is not edited keeps its value bytes. Group lengths (PS3.5 7.2) and data set trailing padding are dropped when
/// reading. One thread at a time; items and elements keep their data set alive.
package final class DataSet {
    let handle: OpaquePointer

    /// A data set without elements.
    package init() {
        guard let handle = cdcmtk_dataset_create() else { preconditionFailure("out of memory") }
        self.handle = handle
    }

    /// Reads exactly one data set, without file meta information (DcmDataset::read).
    ///
    /// The bytes are walked by `HeaderScanner` first, because the parser is recursive: `.unwalkable` or `.tooLarge`. Fails
    /// with `.unreadable` for what the parser refuses or leaves over, and for deflated data sets, of which 600 kB unpack
    /// to 600 MB.
    package init(
        bytes: UnsafeRawBufferPointer, transferSyntax: TransferSyntax, bounds: ScanBounds = ScanBounds()
    ) throws(Failure) {
        handle = try DataSet.parse(bytes, transferSyntax, bounds).get()
    }

    /// The same for an array.
    package init(
        bytes: [UInt8], transferSyntax: TransferSyntax, bounds: ScanBounds = ScanBounds()
    ) throws(Failure) {
        handle = try bytes.withUnsafeBytes { DataSet.parse($0, transferSyntax, bounds) }.get()
    }

    private static func parse(
        _ bytes: UnsafeRawBufferPointer, _ transferSyntax: TransferSyntax, _ bounds: ScanBounds
    ) -> Result<OpaquePointer, Failure> {
        do throws(Failure) {
            try check(transferSyntax)
            var source = BufferByteSource(bytes: bytes)
            let scanned = try HeaderScanner(bounds: bounds, wanted: []).scan(&source, as: transferSyntax)
            var parsed: OpaquePointer?
            let status = cdcmtk_dataset_parse(
                bytes.assumingMemoryBound(to: UInt8.self).baseAddress, Int(scanned.end), transferSyntax.uid.string,
                &parsed)
            guard status.code == CDCMTK_OK, let parsed else { throw Failure(status) }
            return .success(parsed)
        } catch {
            return .failure(error)
        }
    }

    deinit { cdcmtk_dataset_destroy(handle) }

    package var root: DataSetItem { DataSetItem(owner: self, handle: cdcmtk_dataset_root(handle)) }

    /// Has DCMTK read its dictionary now (`DcmDataDictionary`), some 20 ms that the first data set of a process would wait for.
    package static func warmUp() { _ = cdcmtk_load_dictionary() }

    private static func check(_ transferSyntax: TransferSyntax) throws(Failure) {
        guard cdcmtk_load_dictionary() else {
            throw Failure(
                .unexpected, .person, .destination, detail: "DCMTK found no whole data dictionary",
                hint: "install the Debian package libdcmtk17, or unset DCMDICTPATH")
        }
        guard !transferSyntax.isDeflated else {
            throw Failure(.unreadable, .person, .instance, detail: "deflated data sets are not unpacked")
        }
    }

    /// Every tag of a data set (PS3.5 7.1).
    package static let allTags = Tag(0x0000, 0x0000)...Tag(0xFFFF, 0xFFFF)

    /// The elements of `tags` in another or the same transfer syntax (DcmElement::write), sequences and items with
    /// undefined length. Pixel data are written only in the kind of encoding they came in.
    package func encoded(
        as transferSyntax: TransferSyntax, tags: ClosedRange<Tag> = allTags
    ) throws(Failure) -> [UInt8] {
        try DataSet.check(transferSyntax)
        var bytes = cdcmtk_bytes()
        let status = cdcmtk_dataset_encode(
            handle, transferSyntax.uid.string, tags.lowerBound.rawValue, tags.upperBound.rawValue, &bytes)
        guard status.code == CDCMTK_OK else { throw Failure(status) }
        return Array(takingOver: bytes)
    }
}
