// The document inside a report, as a file of the person who asked.

import Foundation
import Gateway
import Glibc

/// Never writes over anything, follows no link, and leaves nothing behind where it fails. It may name the patient: mode 0600.
struct ReportDocumentFile {
    let path: String

    struct Written: Encodable {
        var file: String
        var bytes: Int
        var mimeType: String
    }

    /// Throws `OperatorError`: `.cannotCreate` for the file, and what the desk says of the document.
    func write(_ report: String, from desk: any OperatorDesk) async throws -> Written {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw errno == EEXIST
                ? OperatorError(.cannotCreate, "\(path) exists; nothing is written over")
                : problem("cannot be made")
        }
        do {
            defer { close(descriptor) }
            var bytes = 0
            while true {
                let part = try await desk.reportDocument(report, from: bytes)
                try put(part.bytes, into: descriptor)
                bytes += part.bytes.count
                if part.bytes.isEmpty || bytes >= part.total {
                    return Written(file: path, bytes: bytes, mimeType: part.mimeType)
                }
            }
        } catch {
            unlink(path)
            throw error
        }
    }

    private func put(_ data: Data, into descriptor: CInt) throws {
        var rest = data
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw problem("cannot be written")
            }
            rest = rest.dropFirst(count)
        }
    }

    private func problem(_ what: String) -> OperatorError {
        OperatorError(.cannotCreate, "\(path) \(what): \(String(cString: strerror(errno)))")
    }
}
