// What an operator sees of a report: values without patient data.

package import Foundation

package struct ReportView: Codable, Sendable, Hashable {
    /// `R` and digits.
    package var key: String
    package var reader: String
    package var study: String?
    package var sopClass: String
    package var sopInstanceUID: String
    /// `received`, `matched`, `restored`, `delivered` or `held`.
    package var state: String
    package var receivedAt: Date
    package var restoredAt: Date?
    package var deliveredAt: Date?
    package var completion: String
    package var verification: String
    package var preliminary: String
    package var hold: Notice?
    /// What restoring it could not do, or had to change: fixed words and tags.
    package var notes: [String] = []
}
