// An instance as the journal knows it.

package import DICOMVocabulary
package import Foundation

/// A received instance and its file.
package struct InstanceRecord: Sendable, Codable, Hashable {
    package var id: Int64
    package var studyID: Int64
    package var sopInstance: UID
    package var sopClass: UID
    package var series: UID
    package var transferSyntax: TransferSyntax
    package var bytes: Int64
    package var digest: String
    package var spoolKey: String
    package var receivedAt: Date
    package var state: InstanceState
    /// A person has looked at its pixels, which were why it was held.
    package var pixelsReleased = false

    package init(
        id: Int64, studyID: Int64, sopInstance: UID, sopClass: UID, series: UID, transferSyntax: TransferSyntax,
        bytes: Int64, digest: String, spoolKey: String, receivedAt: Date, state: InstanceState
    ) {
        self.id = id
        self.studyID = studyID
        self.sopInstance = sopInstance
        self.sopClass = sopClass
        self.series = series
        self.transferSyntax = transferSyntax
        self.bytes = bytes
        self.digest = digest
        self.spoolKey = spoolKey
        self.receivedAt = receivedAt
        self.state = state
    }
}

/// The UIDs of a study as the hospital knows them, over all its rows.
package struct OriginalUIDs: Sendable, Codable, Hashable {
    package var study: UID
    package var series: [UID]
    package var instances: [UID]

    package init(study: UID, series: [UID], instances: [UID]) {
        self.study = study
        self.series = series
        self.instances = instances
    }
}
