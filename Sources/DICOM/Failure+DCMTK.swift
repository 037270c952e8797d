// What the shim's status says about a data set.

internal import CDCMTK
internal import DICOMVocabulary

extension Failure {
    /// A failure of one object. DCMTK's texts name conditions and tags, never values.
    init(_ status: cdcmtk_status) {
        let text = status.message
        switch status.code {
        case CDCMTK_UNREADABLE:
            self.init(.unreadable, .person, .instance, detail: text)
        case CDCMTK_OUT_OF_MEMORY:
            self.init(.outOfResources, .tryAgain, .instance, detail: text)
        default:
            self.init(.unexpected, .person, .instance, detail: text)
        }
    }
}

extension cdcmtk_status {
    var message: String {
        withUnsafeBytes(of: text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

extension Array where Element == UInt8 {
    /// Copies bytes of the shim and gives them back.
    init(takingOver bytes: cdcmtk_bytes) {
        self.init(UnsafeBufferPointer(start: bytes.data, count: bytes.count))
        cdcmtk_bytes_free(bytes)
    }
}
