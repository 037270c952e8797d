// The running daemon's desk, seen from the command line.

/// Each call asks the daemon over its socket and blocks the calling thread, which is the command line's own.
package struct RemoteDesk: OperatorDesk {
    private let client: OperatorClient

    package init(_ client: OperatorClient) { self.client = client }

    package func status() async throws -> GatewayStatus { try client.ask(.status, for: GatewayStatus.self) }

    package func studies(_ search: StudySearch) async throws -> [StudyView] {
        try client.ask(.studies(search), for: [StudyView].self)
    }

    package func study(_ key: String) async throws -> StudyDetail { try client.ask(.study(key), for: StudyDetail.self) }

    package func transfers(destination: String?, states: [String], limit: Int) async throws -> [TransferView] {
        try client.ask(
            .transfers(destination: destination, states: states, limit: limit), for: [TransferView].self)
    }

    package func reports(states: [String], limit: Int) async throws -> [ReportView] {
        try client.ask(.reports(states: states, limit: limit), for: [ReportView].self)
    }

    package func reportText(_ key: String) async throws -> String {
        try client.ask(.reportText(key), for: String.self)
    }

    package func peers() async throws -> [DestinationView] { try client.ask(.peers, for: [DestinationView].self) }

    package func explain(_ key: String) async throws -> ExplanationView {
        try client.ask(.explain(key), for: ExplanationView.self)
    }

    /// The daemon takes the actor from the kernel, not from us.
    package func act(_ action: StudyAction, on key: String, actor: String) async throws -> StudyDetail {
        try client.ask(.act(action, on: key), for: StudyDetail.self)
    }

    package func echo(_ peer: String) async throws -> EchoView { try client.ask(.echo(peer), for: EchoView.self) }

    package func metrics() async throws -> [MetricSample] {
        throw OperatorError(.notAllowed, "metrics are read over HTTP at /metrics")
    }
}
