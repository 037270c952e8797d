// Before and after, for a terminal.

package import WorkerProtocol

/// It names the patient: it is answered over the control socket only, never logged and never on a page.
package struct PreviewView: Codable, Sendable, Hashable {
    package var study: String
    package var destination: String
    /// From 1, in the order of arrival.
    package var instance: Int
    package var instances: Int
    package var series: String
    package var preview: InstancePreview
}

extension OperatorDesk {
    /// Needs the running gateway and its workers.
    package func preview(
        _ key: String, destination: String, instance: Int, actor: String
    ) async throws -> PreviewView {
        throw OperatorError(.unavailable, "a preview needs the daemon running")
    }
}
