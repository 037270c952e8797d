// A held object in a transfer syntax that the peer took.

import DICOM
import DICOMNetwork
import DICOMVocabulary
import Glibc

/// The file as it is where that is possible; otherwise, for small objects without compression, written anew.
struct ObjectToSend: ~Copyable {
    let transferSyntax: TransferSyntax
    let parts: [DataSetPart]
    private let descriptor: CInt

    /// nil if none of the syntaxes will do.
    init?(_ holding: Holding, in accepted: [TransferSyntax]) throws(Failure) {
        guard let syntax = accepted.first(where: { $0 == holding.transferSyntax }) ?? accepted.first else {
            return nil
        }
        guard !(syntax != holding.transferSyntax && (syntax.isEncapsulated || holding.transferSyntax.isEncapsulated))
        else { return nil }
        let descriptor = open(holding.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FolderStore.failure("open", errno) }
        let file = DataSetPart.file(descriptor, offset: holding.dataSetOffset, length: holding.dataSetLength)
        if syntax == holding.transferSyntax {
            parts = [file]
        } else {
            do throws(Failure) {
                parts = [.bytes(try Self.rewritten(descriptor, holding, as: syntax))]
            } catch {
                close(descriptor)
                throw error
            }
        }
        transferSyntax = syntax
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    private static func rewritten(
        _ descriptor: CInt, _ holding: Holding, as syntax: TransferSyntax
    ) throws(Failure) -> [UInt8] {
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(holding.dataSetLength)) { buffer, filled in
            filled = max(pread(descriptor, buffer.baseAddress, buffer.count, off_t(holding.dataSetOffset)), 0)
        }
        return try DataSet(bytes: bytes, transferSyntax: holding.transferSyntax).encoded(as: syntax)
    }
}
