// A look at what would leave, with nothing sent.

package import DICOMVocabulary

/// One stored instance, and all that a lane to the destination would be told.
package struct PreviewJob: Sendable, Codable {
    package var file: ReportFile
    package var pseudonym: PseudonymJob
    package var policy: OutwardPolicy

    package init(file: ReportFile, pseudonym: PseudonymJob, policy: OutwardPolicy) {
        self.file = file
        self.pseudonym = pseudonym
        self.policy = policy
    }
}

/// Before and after, attribute by attribute. It names the patient: for the operator's terminal alone, never logged and never
/// kept.
package struct InstancePreview: Sendable, Codable, Hashable {
    package struct Line: Sendable, Codable, Hashable {
        /// As the guard writes it: `(0040,0275)[0].(0040,0007)`.
        package var path: String
        package var name: String
        package var vr: String
        /// nil where there is no such attribute; long values and bytes are shortened.
        package var before: String?
        package var after: String?

        package init(path: String, name: String, vr: String, before: String?, after: String?) {
            self.path = path
            self.name = name
            self.vr = vr
            self.before = before
            self.after = after
        }
    }
    package var sopClass: UID
    package var transferSyntax: TransferSyntax
    package var lines: [Line]
    /// Why the instance would be held; nil if it would leave. Where the hold comes before cleaning, `after` is empty.
    package var held: Failure?
    package var notes: [String]
    /// What would be done to the pixels.
    package var pixels: String

    package init(
        sopClass: UID, transferSyntax: TransferSyntax, lines: [Line], held: Failure?, notes: [String], pixels: String
    ) {
        self.sopClass = sopClass
        self.transferSyntax = transferSyntax
        self.lines = lines
        self.held = held
        self.notes = notes
        self.pixels = pixels
    }
}
