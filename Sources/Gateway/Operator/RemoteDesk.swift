// The running daemon's desk, seen from the command line.

/// Each call asks the daemon over its socket and blocks the calling thread, which is the command line's own.
package struct RemoteDesk: OperatorDesk {
    private let client: OperatorClient

    package init(_ client: OperatorClient) { self.client = client }

    func ask<Answer: Decodable>(_ request: OperatorRequest, for type: Answer.Type) throws -> Answer {
        try client.ask(request, for: type)
    }

    package func status() async throws -> GatewayStatus { try client.ask(.status, for: GatewayStatus.self) }

    package func studies(_ search: StudySearch) async throws -> [StudyView] {
        try client.ask(.studies(search), for: [StudyView].self)
    }

    package func study(_ key: String) async throws -> StudyDetail { try client.ask(.study(key), for: StudyDetail.self) }

    package func instances(_ study: String, held: Bool, limit: Int) async throws -> [InstanceView] {
        try client.ask(.instances(study, held: held, limit: limit), for: [InstanceView].self)
    }

    package func report(_ key: String) async throws -> ReportDetail {
        try client.ask(.report(key), for: ReportDetail.self)
    }

    package func act(_ action: ReportAction, onReport key: String, actor: String) async throws -> ReportDetail {
        try client.ask(.actOnReport(action, on: key), for: ReportDetail.self)
    }

    package func events(_ search: EventSearch) async throws -> [EventView] {
        try client.ask(.events(search), for: [EventView].self)
    }

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

    package func reportDocument(_ key: String, from offset: Int) async throws -> DocumentView {
        try client.ask(.reportDocument(key, from: offset), for: DocumentView.self)
    }

    package func peers() async throws -> [DestinationView] { try client.ask(.peers, for: [DestinationView].self) }

    package func explain(_ key: String) async throws -> ExplanationView {
        try client.ask(.explain(key), for: ExplanationView.self)
    }

    /// The daemon takes the actor from the kernel, not from us.
    package func act(_ action: StudyAction, on key: String, actor: String) async throws -> StudyDetail {
        try client.ask(.act(action, on: key), for: StudyDetail.self)
    }

    /// The daemon takes the actor from the kernel here too.
    package func preview(
        _ key: String, destination: String, instance: Int, actor: String
    ) async throws -> PreviewView {
        try client.ask(.preview(key, destination: destination, instance: instance), for: PreviewView.self)
    }

    package func vault(_ request: VaultRequest, actor: String) async throws -> VaultAnswer {
        try client.ask(.vault(request), for: VaultAnswer.self)
    }

    package func echo(_ peer: String) async throws -> EchoView { try client.ask(.echo(peer), for: EchoView.self) }

    package func metrics() async throws -> [MetricSample] {
        throw OperatorError(.notAllowed, "metrics are read over HTTP at /metrics")
    }
}
