// What an operator sees of what happened, and how it is searched for: values without patient data.

package import Foundation

/// One line of a timeline.
package struct EventView: Codable, Sendable, Hashable {
    package var at: Date
    /// A stable word: `received`, `completed`, `planned`, `held`, `released`, `acknowledged`, `conflict`, …
    package var kind: String
    package var detail: String
    /// `antipode`, or who acted.
    package var actor: String
    package var study: String?
    package var transfer: String?
    package var report: String?
}

/// A search over events, newest first; nil and empty mean any.
package struct EventSearch: Codable, Sendable, Hashable {
    package var kinds: [String] = []
    package var since: Date?
    /// Those of studies, transfers and reports too, not only refusals and the like.
    package var all = false
    package var limit = 100

    package init() {}
}
