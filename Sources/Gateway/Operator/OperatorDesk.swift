// The face that the pages and the command line talk to.

/// What a person can do to a study.
package enum StudyAction: Codable, Sendable, Hashable {
    case hold(reason: String)
    /// Lets a held study, its held instances and its held reports go on; pixels that may carry text count as looked at.
    case release
    case retry
    case cancel
    /// What is held stays behind, and the rest counts as all of it.
    case leaveOut
    /// Another transfer of the study to a destination, whatever the rules said.
    case send(destination: String)
}

/// Why an operator's wish was not done.
package struct OperatorError: Error, Codable, Sendable, Hashable {
    package enum Kind: String, Codable, Sendable { case notFound, notAllowed, invalid, unavailable, cannotCreate }
    package var kind: Kind
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

/// One value for `/metrics`, without labels that name patients or objects.
package struct MetricSample: Codable, Sendable, Hashable {
    package enum Kind: String, Codable, Sendable { case counter, gauge }
    package var name: String
    package var help: String
    package var kind: Kind
    package var labels: [String: String]
    package var value: Double

    package init(name: String, help: String, kind: Kind, labels: [String: String] = [:], value: Double) {
        self.name = name
        self.help = help
        self.kind = kind
        self.labels = labels
        self.value = value
    }
}

/// Everything an operator may see and do. Implemented by the running gateway, and for reading by the journal alone.
/// Safe to call from any task. Throws `OperatorError`.
package protocol OperatorDesk: Sendable {
    func status() async throws -> GatewayStatus
    func studies(_ search: StudySearch) async throws -> [StudyView]
    func study(_ key: String) async throws -> StudyDetail
    /// In the order of their arrival, once for each destination; with `held` only what waits for a person.
    func instances(_ study: String, held: Bool, limit: Int) async throws -> [InstanceView]
    func transfers(destination: String?, states: [String], limit: Int) async throws -> [TransferView]
    func reports(states: [String], limit: Int) async throws -> [ReportView]
    func report(_ key: String) async throws -> ReportDetail
    /// The report as plain text. It names the patient once it is restored: never log it, never put it on a page.
    func reportText(_ key: String) async throws -> String
    /// A piece of the document inside a report, from `offset` on. As the text, it names the patient.
    func reportDocument(_ key: String, from offset: Int) async throws -> DocumentView
    func peers() async throws -> [DestinationView]
    func explain(_ key: String) async throws -> ExplanationView
    func act(_ action: StudyAction, on key: String, actor: String) async throws -> StudyDetail
    func act(_ action: ReportAction, onReport key: String, actor: String) async throws -> ReportDetail
    func events(_ search: EventSearch) async throws -> [EventView]
    func echo(_ peer: String) async throws -> EchoView
    /// What is asked about the vault and about what left the house. Each look at a patient is recorded.
    func vault(_ request: VaultRequest, actor: String) async throws -> VaultAnswer
    /// One instance of a study before and after, as a destination would get it; `instance` counts from 1.
    func preview(_ key: String, destination: String, instance: Int, actor: String) async throws -> PreviewView
    func metrics() async throws -> [MetricSample]
    /// Removes the files of what is delivered, committed where asked, and old enough; or only says which.
    func sweep(dryRun: Bool, actor: String) async throws -> SweepView
    /// Into a folder that the desk's own process can make.
    func backup(to folder: String, actor: String) async throws -> BackupView
}
