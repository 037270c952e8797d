// What a destination would get, beside what is stored.

import DICOM
import DICOMVocabulary
import Deidentification
import Spool
import WorkerProtocol

/// Does for one instance all that a lane does, but sends nothing. One thread.
enum Preview {
    private static let maximumLines = 5000

    static func make(_ job: PreviewJob) throws(Failure) -> InstancePreview {
        let spool = SpoolDirectory(path: job.file.spoolDirectory, freeFloor: 0)
        let file = try InstanceFile(
            path: spool.path(of: job.file.spoolKey), bounds: job.file.scan,
            wanted: [.sopInstanceUID, .studyInstanceUID, .seriesInstanceUID], scratch: spool.scratchFile)
        let before = FlatDataSet(try file.dataSet(bounds: job.file.scan))
        var preview = InstancePreview(
            sopClass: job.file.sopClass, transferSyntax: file.header.transferSyntax, lines: [], held: nil, notes: [],
            pixels: "as they are")
        var after = FlatDataSet()
        do throws(Failure) {
            let deidentifier = try Deidentifier(options: job.pseudonym.options)
            let draft = try OutwardDraft(
                file, job.pseudonym, deidentifier, policy: job.policy, scan: job.file.scan,
                memory: IdentifierMemory(), scratchFile: spool.scratchFile
            ) { _ in true }
            preview.notes = draft.result.notes
            if let template = draft.plan.template {
                preview.pixels = "blanked in \(draft.plan.regions.count) regions by template \(template)"
            } else if draft.pixels != nil {
                preview.pixels = "cleared of bits that belong to no sample"
            }
            after = FlatDataSet(draft.dataSet)
            let bytes = try draft.dataSet.encoded(as: .explicitVRLittleEndian)
            preview.held = try draft.identityGuard.failure(in: bytes, transferSyntax: .explicitVRLittleEndian)
        } catch {
            preview.held = error
        }
        preview.lines = Self.lines(before, after)
        return preview
    }

    /// In the order of the paths: what stands in both, or in one of them.
    private static func lines(_ before: FlatDataSet, _ after: FlatDataSet) -> [InstancePreview.Line] {
        let paths = Set(before.values.keys).union(after.values.keys).sorted()
        return paths.prefix(maximumLines).map { path in
            let (old, new) = (before.values[path], after.values[path])
            return InstancePreview.Line(
                path: path, name: AttributeName.of((old ?? new)?.tag ?? Tag(0, 0)), vr: (new ?? old)?.vr ?? "",
                before: old?.text, after: new?.text)
        }
    }
}

/// The values of a data set by their paths, as text.
private struct FlatDataSet {
    struct Value {
        let tag: Tag
        let vr: String
        let text: String
    }
    private(set) var values: [String: Value] = [:]
    private static let longestText = 200

    init() {}

    init(_ dataSet: DataSet) { add(dataSet.root, "", ReadableText(dataSet.root)) }

    private mutating func add(_ item: DataSetItem, _ prefix: String, _ reading: ReadableText) {
        for element in item.elements {
            let path = prefix + "\(element.tag)"
            if element.isSequence {
                for (index, nested) in element.items.enumerated() {
                    add(nested, "\(path)[\(index)].", ReadableText(nested, within: reading))
                }
            } else {
                let text = reading.text(of: element)
                values[path] = Value(
                    tag: element.tag, vr: element.vr.rawValue,
                    text: text.count > Self.longestText ? text.prefix(Self.longestText) + "…" : text)
            }
        }
    }
}
