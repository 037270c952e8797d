// The identity of a stored file, read by the office's own scanner.

import DICOMVocabulary
import Journal
import Spool

/// Only for studies that came while the vault was closed. The scanner is ours, bounded and pure Swift.
struct IdentityRescan: Sendable {
    let spool: SpoolDirectory
    let bounds: ScanBounds

    /// nil when the file is missing or cannot be walked; then nothing is sent of it either.
    func identity(of instance: InstanceRecord) -> StudyIdentity? {
        let wanted = Set(StudyIdentity.tags).union([.specificCharacterSet])
        do throws(Failure) {
            var source = try FileByteSource(path: spool.path(of: instance.spoolKey))
            let header = try HeaderScanner(bounds: bounds, wanted: wanted).scan(&source, as: nil)
            return StudyIdentity(header: header)
        } catch {
            return nil
        }
    }
}
