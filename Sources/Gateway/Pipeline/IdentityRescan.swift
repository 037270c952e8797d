// The identity of a stored file, read by the office's own scanner, or in the workshop where that cannot.

import DICOMVocabulary
import Journal
import Spool
import WorkerProtocol

/// Only for studies that came while the vault was closed. The scanner is ours, bounded and pure Swift; a deflated data
/// set is unpacked by zlib, and so by a worker.
struct IdentityRescan: Sendable {
    let spool: SpoolDirectory
    let bounds: ScanBounds
    let pool: WorkerPool

    /// nil when the file is missing or cannot be walked; then nothing is sent of it either.
    /// Throws when it cannot be read now, is still being written, or when no worker could look: a lane might read it later.
    func identity(of instance: InstanceRecord) async throws(Failure) -> StudyIdentity? {
        guard !spool.isBeingWritten(instance.spoolKey) else {
            throw Failure(.ioError, .tryAgain, .instance, detail: "a file of the study was still being written")
        }
        if instance.transferSyntax.isDeflated { return try await unpackedIdentity(of: instance) }
        do throws(Failure) {
            var source = try FileByteSource(path: spool.path(of: instance.spoolKey))
            let header = try HeaderScanner(bounds: bounds, wanted: StudyIdentity.wantedTags).scan(&source, as: nil)
            return StudyIdentity(header: header)
        } catch {
            guard error.disposition == .tryAgain else { return nil }
            throw Self.unreadable(error)
        }
    }

    private static func unreadable(_ failure: Failure) -> Failure {
        Failure(
            .unreadable, .tryAgain, .instance, detail: "a file of the study cannot be read now: \(failure.detail)",
            hint: "Look at the spool's disk; release tries again.")
    }

    private func unpackedIdentity(of instance: InstanceRecord) async throws(Failure) -> StudyIdentity? {
        let file = ReportFile(
            spoolKey: instance.spoolKey, sopClass: instance.sopClass, transferSyntax: instance.transferSyntax,
            spoolDirectory: spool.path, scan: bounds, digest: instance.digest)
        do throws(Failure) {
            guard case .identified(let identity) = try await pool.ask(.identify(file)) else { return nil }
            return identity
        } catch {
            guard error.disposition == .tryAgain else { return nil }
            throw error.code == .ioError ? Self.unreadable(error) : error
        }
    }
}
