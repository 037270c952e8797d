// One instance on its way to a reader that must not know the patient, up to the point where it is encoded.

import DICOM
import DICOMVocabulary
import Deidentification
import WorkerProtocol

/// The order of docs/deidentification.md: what may not leave at all, pixels, header. Nothing has left when it is made; what
/// is encoded from it still has to pass the guard. Used for sending and for the operator's preview alike.
struct OutwardDraft {
    let dataSet: DataSet
    let identityGuard: IdentityGuard
    let result: DeidentificationResult
    let plan: PixelPlan
    /// As the header said it when it came.
    let format: PixelFormat?
    /// nil where the pixels leave as they are.
    let pixels: CleanedPixels?

    init(
        _ file: InstanceFile, _ pseudonym: PseudonymJob, _ deidentifier: Deidentifier, policy: OutwardPolicy,
        scan: ScanBounds, memory: IdentifierMemory, scratchFile: @escaping () throws(Failure) -> CInt,
        accepts: (TransferSyntax) -> Bool
    ) throws(Failure) {
        try BulkParts.checkUnseen(file.header)
        let dataSet = try file.dataSet(bounds: scan)
        if policy.documents == .replace { try EncapsulatedDocument.replace(in: dataSet) }
        let facts = HoldFacts(dataSet, bulkTags: file.header.bulkTags)
        plan = try PixelPlan(
            dataSet, facts: facts, policy: policy, pixelsReleased: pseudonym.pixelsReleased,
            options: deidentifier.profile.options)
        identityGuard = IdentityGuard(
            identities: [pseudonym.identity] + pseudonym.otherIdentities, instance: dataSet,
            keepsInstitution: deidentifier.profile.options.contains(.retainInstitutionIdentity), memory: memory)
        format = PixelFormat(dataSet.root)
        pixels = try Self.pixels(
            file, format, plan, policy, identityGuard, isReleased: pseudonym.pixelsReleased, scratchFile: scratchFile,
            accepts: accepts)
        result = try deidentifier.pseudonymise(
            dataSet,
            job: DeidentificationJob(
                tokens: pseudonym.tokens, uidKey: pseudonym.uidKey, identity: pseudonym.identity,
                pixelsBlanked: plan.blanks, assumedCharacterSet: policy.assumedCharacterSet),
            identityGuard)
        if let pixels { try pixels.describe(in: dataSet.root) }
        self.dataSet = dataSet
    }

    private static func pixels(
        _ file: InstanceFile, _ format: PixelFormat?, _ plan: PixelPlan, _ policy: OutwardPolicy,
        _ identityGuard: IdentityGuard, isReleased: Bool, scratchFile: @escaping () throws(Failure) -> CInt,
        accepts: (TransferSyntax) -> Bool
    ) throws(Failure) -> CleanedPixels? {
        guard !file.header.bulkTags.isEmpty else { return nil }
        guard let format else {
            // Nobody can say what these bytes are, unless somebody has looked.
            guard isReleased, plan.isEmpty, policy.recognition == .off else {
                throw PixelFrames.unreadable("rows, columns and bits are missing or contradict each other")
            }
            try PixelStowaways.check(file, nil, identityGuard, isReleased: true)
            return nil
        }
        var cleaned: CleanedPixels?
        if file.header.bulkTags.contains(.pixelData) {
            let cleaning = PixelCleaning(plan: plan, scratchFile: scratchFile)
            cleaned = try cleaning.run(file, format, accepts: accepts)
            if policy.recognition != .off {
                let recognition = TextInPixels(policy: policy, identityGuard: identityGuard, isReleased: isReleased)
                try recognition.check(PixelFrames(file, format), cleaning)
            }
        } else if policy.recognition != .off, !isReleased {
            throw PixelFrames.unreadable("text is not recognised in samples of floating point")
        }
        if cleaned == nil {
            try PixelStowaways.check(file, format, identityGuard, isReleased: isReleased)
        }
        return cleaned
    }
}

extension CleanedPixels {
    /// Decoding may have changed how colour is written, and offset tables no longer fit.
    func describe(in root: DataSetItem) throws(Failure) {
        try root.set(Tag(0x0028, 0x0004), .CS, text: format.photometric)
        if format.samples > 1 { try root.set(Tag(0x0028, 0x0006), .US, [format.isPlanar ? 1 : 0, 0]) }
    }
}
