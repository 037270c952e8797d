// The document inside a report, piece by piece.

package import Foundation

/// It may name the patient: it is answered over the control socket only, never logged and never on a page.
package struct DocumentView: Codable, Sendable, Hashable {
    package var mimeType: String
    /// Bytes of the whole document.
    package var total: Int
    /// From the offset that was asked for; empty at the end.
    package var bytes: Data
}

extension OperatorDesk {
    /// Needs the running gateway and its workers.
    package func reportDocument(_ key: String, from offset: Int) async throws -> DocumentView {
        throw OperatorError(.unavailable, "reading a report needs the daemon running")
    }
}
