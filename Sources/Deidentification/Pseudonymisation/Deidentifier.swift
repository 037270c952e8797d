// Step 6 of the path of a study: the identity goes out of an instance's header.

package import DICOM
package import DICOMVocabulary

/// What one study's instances get in the place of identity.
package struct DeidentificationJob: Sendable {
    package var tokens: StudyTokens
    /// The key of the one UID map, 32 bytes.
    package var uidKey: [UInt8]
    /// The identity as it was received; its names are dropped from descriptions even where they are ordinary words.
    package var identity: StudyIdentity
    /// The pixels were blanked by a template for this device: Burned In Annotation (0028,0301) becomes NO, and option
    /// 113101 is claimed.
    package var pixelsBlanked: Bool
    /// The character set of text beyond ASCII that declares none (a defined term of (0008,0005)); empty holds the object.
    package var assumedCharacterSet: String

    package init(
        tokens: StudyTokens, uidKey: [UInt8], identity: StudyIdentity, pixelsBlanked: Bool = false,
        assumedCharacterSet: String = ""
    ) {
        self.tokens = tokens
        self.uidKey = uidKey
        self.identity = identity
        self.pixelsBlanked = pixelsBlanked
        self.assumedCharacterSet = assumedCharacterSet
    }
}

package struct DeidentificationResult: Sendable {
    /// UIDs that were replaced, once each, without the instance's own study, series and SOP Instance UID.
    package var uids: [UIDPair] = []
    /// How often each action was taken.
    package var counts: [ConfidentialityAction: Int] = [:]
    /// Decisions that an operator may want to know of, made of tags and fixed words.
    package var notes: [String] = []
}

/// The Basic Application Level Confidentiality Profile with the options of one destination (PS3.15 E.1 to E.3).
///
/// Deterministic: the same data set, tokens, key and options give the same bytes. It edits in place and holds nothing
/// between calls, so one value serves a worker for as long as the options are the same.
package struct Deidentifier: Sendable {
    package let profile: DeidentificationProfile

    /// `options`: codes of CID 7050 beside the basic profile.
    package init(options: [String]) throws(Failure) { profile = try DeidentificationProfile(options: options) }

    /// Takes the identity out of every level of `dataSet`, which holds everything but pixel data. After a failure the data
    /// set is half edited and must not be used. `identityGuard`: the one that was made from `dataSet` and `job.identity`,
    /// if there is one already.
    package func pseudonymise(
        _ dataSet: DataSet, job: DeidentificationJob, _ identityGuard: IdentityGuard? = nil
    ) throws(Failure) -> DeidentificationResult {
        let own =
            identityGuard
            ?? IdentityGuard(
                identities: [job.identity], instance: dataSet,
                keepsInstitution: profile.options.contains(.retainInstitutionIdentity))
        let run = PseudonymisationRun(
            profile: profile, job: job, root: dataSet.root, search: ValueSearch(patterns: own.patterns))
        try run.perform()
        return run.result
    }
}
