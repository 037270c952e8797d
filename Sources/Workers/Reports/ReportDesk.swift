// Looking into a report, and the way back of the identity.

import DICOM
import DICOMNetwork
import DICOMVocabulary
import Deidentification
import FoundationEssentials
import Spool
import WorkerProtocol

/// Jobs over one file of the spool.
enum ReportDesk {
    static func inspect(_ report: ReportFile) throws(Failure) -> ReportContents {
        let file = try open(report)
        FaultPoint.pass("worker.inspect.before-reading")
        return ReportReader.contents(of: try file.dataSet(bounds: report.scan))
    }

    static func render(_ report: ReportFile) throws(Failure) -> String {
        ReportReader.text(of: try open(report).dataSet(bounds: report.scan))
    }

    static func document(_ job: DocumentJob) throws(Failure) -> DocumentPart? {
        let dataSet = try open(job.report).dataSet(bounds: job.report.scan)
        guard let document = ReportReader.document(of: dataSet) else { return nil }
        let part = document.bytes.dropFirst(max(job.offset, 0)).prefix(DocumentPart.maximumLength)
        return DocumentPart(mimeType: document.mimeType, total: document.bytes.count, bytes: Data(part))
    }

    /// Of an instance that the office's own scanner cannot walk as it stands.
    static func identify(_ instance: ReportFile) throws(Failure) -> StudyIdentity {
        StudyIdentity(header: try open(instance).header)
    }

    /// The restored report is a new file in the transfer syntax in which the report came (one that came deflated is
    /// written unpacked); the report itself stays as it is.
    static func restore(_ job: RestoreJob) throws(Failure) -> RestoreOutcome {
        let file = try open(job.report)
        let dataSet = try file.dataSet(bounds: job.report.scan)
        let restoration: ReportRestoration
        if job.isIdentified {
            let report = IdentifiedReport(identity: job.identity, tokens: job.tokens, policy: job.policy)
            restoration = try report.judge(dataSet, saying: StudyIdentity(header: file.header))
        } else {
            let restorer = ReportRestorer(
                identity: job.identity, tokens: job.tokens, cited: job.cited, uids: job.uids, policy: job.policy)
            restoration = try restorer.restore(dataSet)
        }
        let root = dataSet.root
        let sopClass = UID(root.text(.sopClassUID))
        let sopInstance = UID(root.text(.sopInstanceUID))
        let study = UID(root.text(.studyInstanceUID))
        guard sopClass.isValid, sopInstance.isValid, study.isValid else {
            throw Failure(
                .identifiersMissing, .person, .instance, detail: "the restored report lacks a valid UID",
                hint: "Look at the report; deliver it by hand if it is right.")
        }
        let syntax = file.header.transferSyntax
        let spool = SpoolDirectory(path: job.spool.directory, freeFloor: job.spool.freeFloor)
        FaultPoint.pass("worker.restore.before-file")
        let written = try write(
            [
                try dataSet.encoded(as: syntax, tags: Tag(0x0008, 0x0000)...Tag(0x7FDF, 0xFFFF)),
                try file.header.bulk.map { (range) throws(Failure) in try file.read(range) } ?? [],
                try dataSet.encoded(as: syntax, tags: Tag(0x7FE1, 0x0000)...Tag(0xFFFF, 0xFFFF)),
            ], after: Part10.meta(sopClass: sopClass, sopInstance: sopInstance, transferSyntax: syntax), to: spool)
        FaultPoint.pass("worker.restore.after-file")
        return RestoreOutcome(
            spoolKey: written.key, dataSetBytes: written.bytes, digest: written.digest, transferSyntax: syntax,
            study: study, replacedTokens: restoration.replacedTokens, replacedUIDs: restoration.replacedUIDs,
            notes: restoration.notes)
    }

    private static func open(_ report: ReportFile) throws(Failure) -> InstanceFile {
        let spool = SpoolDirectory(path: report.spoolDirectory, freeFloor: 0)
        try StoredBytes.check(path: spool.path(of: report.spoolKey), digest: report.digest)
        return try InstanceFile(
            path: spool.path(of: report.spoolKey), bounds: report.scan, wanted: StudyIdentity.wantedTags,
            scratch: spool.scratchFile)
    }

    private static func write(
        _ parts: [[UInt8]], after meta: [UInt8], to spool: SpoolDirectory
    ) throws(Failure) -> (key: String, bytes: Int64, digest: String) {
        let file = try spool.beginFile()
        let digest = try Digest()
        try file.write(all: meta)
        var bytes: Int64 = 0
        for part in parts where !part.isEmpty {
            part.withUnsafeBytes { digest.update($0) }
            try file.write(all: part)
            bytes += Int64(part.count)
        }
        try file.commit()
        return (file.key, bytes, digest.finish())
    }
}

extension SpoolWriter {
    func write(all bytes: [UInt8]) throws(Failure) {
        let result: Result<Void, Failure> = bytes.withUnsafeBytes { buffer in
            do throws(Failure) {
                return .success(try write(buffer))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
