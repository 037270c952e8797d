// What an operator sees of what goes out, and of each try: values without patient data.

package import Foundation

package struct TransferView: Codable, Sendable, Hashable {
    /// `T` and digits.
    package var key: String
    package var study: String?
    package var report: String?
    package var destination: String
    package var profile: String
    package var rule: String?
    /// `waiting`, `active`, `deferred`, `held`, `acknowledged` or `cancelled`.
    package var state: String
    package var instances: Int
    package var acknowledged: Int
    package var held: Int
    package var bytes: Int64
    package var priority: String
    package var createdAt: Date
    package var startedAt: Date?
    package var finishedAt: Date?
    package var nextAttemptAt: Date?
    package var attempts: Int
    /// The study as the reader knows it.
    package var pseudonymousStudyUID: String?
    package var failure: Notice?
}

package struct AttemptView: Codable, Sendable, Hashable {
    package var transfer: String
    package var destination: String
    package var lane: Int
    package var startedAt: Date
    package var endedAt: Date?
    package var acknowledged: Int
    package var bytes: Int64
    package var failure: Notice?
}
