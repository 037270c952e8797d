// The pipeline's parts over a temporary state, each as `AntipodeGateway` puts it together.

import DICOMVocabulary
import Foundation
import GatewayTesting
import Intake
import Journal
import Spool
import Synchronization
import Testing
import Vault
import WorkerProtocol

@testable import Gateway

/// One test's gateway, without loops, listeners and lanes: a test calls each turn itself.
final class Bench: Sendable {
    let state: TemporaryState
    let door: VaultDoor
    let workers: FakeWorkers
    let reception: Gateway.Reception
    let woken = Mutex([String]())
    let deferrals = Deferrals(draw: { 0 })
    let early = EarlyPlans()

    var clock: ManualClock { state.clock }
    var journal: JournalDatabase { state.journal }

    init(change: (inout GatewaySettings) -> Void = { _ in }) throws {
        state = try TemporaryState(change: change)
        door = VaultDoor(path: state.settings.vaultPath, keyFile: state.settings.vaultKeyFile, now: state.clock.now)
        workers = try FakeWorkers(folder: state.folder + "/workers")
        reception = Gateway.Reception(
            journal: state.journal, door: door, spool: state.spool, logger: state.logs.logger, now: state.clock.now,
            rules: { [state] in state.settings.rules }, reportArrived: {})
    }

    var planner: Planner { planner(state.settings) }

    func planner(_ settings: GatewaySettings) -> Planner {
        Planner(
            journal: journal, door: door, settings: settings,
            rescan: IdentityRescan(spool: state.spool, bounds: settings.intake.scan, pool: workers.pool),
            deferrals: deferrals, early: early, logger: state.logs.logger, now: clock.now)
    }

    var desk: LiveDesk {
        LiveDesk(
            looking: { [self] in
                JournalDesk(
                    journal: journal, settings: state.settings, now: clock.now,
                    find: { [door] text in (try? await door.open().studies(identifier: text)) ?? [] })
            },
            journal: journal, settings: { [state] in state.settings }, planner: { [self] in planner },
            reportFlow: { [self] in reportFlow(Deferrals()) }, pool: workers.pool,
            figures: { [clock] in
                LiveFigures(
                    startedAt: clock.date, ready: true,
                    listeners: [
                        ListenerView(name: "modalities", address: "127.0.0.1", port: 104, tls: false, associations: 2)
                    ],
                    runners: [:], alarms: [])
            },
            counters: { [] }, now: clock.now, logger: state.logs.logger,
            wake: { [self] names in woken.withLock { $0 += names } })
    }

    func reportFlow(_ deferrals: Deferrals, delivered: @escaping @Sendable () -> Void = {}) -> ReportFlow {
        ReportFlow(
            journal: journal, door: door, pool: workers.pool, settings: state.settings, logger: state.logs.logger,
            now: clock.now, delivered: delivered, deferrals: deferrals, beat: {})
    }

    // MARK: A study's way

    /// An instance whose file is in the spool, with its digest.
    func spooled(_ study: FakeStudy = FakeStudy()) throws -> StoredInstance {
        let key = try state.spooled(study.file())
        return study.instance(digest: try state.spool.content(of: state.spool.path(of: key)).digest, spoolKey: key)
    }

    @discardableResult
    func receive(_ instance: StoredInstance, from source: String = "ct1") async -> StoreVerdict {
        await reception.store(instance, from: state.source(source), calledAE: "ANTIPODE").0
    }

    /// Received and complete; its row.
    func complete(_ study: FakeStudy = FakeStudy(), instances: Range<Int> = 1..<3) async throws -> Int64 {
        for number in instances { #expect(await receive(study.instance(number)).status == 0) }
        let row = try #require(try await journal.receivingStudies().first { $0.studyUID == study.uid })
        #expect(try await journal.complete(study: row.id, at: clock.date))
        return row.id
    }

    /// Received, complete and planned; its row.
    func planned(_ study: FakeStudy = FakeStudy(), instances: Range<Int> = 1..<3) async throws -> Int64 {
        let id = try await complete(study, instances: instances)
        try await planner.planComplete()
        return id
    }

    /// Acknowledges everything that waits for a destination.
    func acknowledge(_ destination: String) async throws {
        let lane = LaneKey(lane: 1, session: "test.\(destination)")
        var settlement: Settlement?
        repeat {
            let claimed = try await journal.settleAndClaim(
                settlement, lane: lane, destination: destination, claim: true, at: clock.date)
            settlement = claimed.map { Settlement(id: $0.id, outcome: .acknowledged(status: 0), bytes: 900) }
        } while settlement != nil
    }

    /// A study that its reader has, as the reader knows it.
    func sent(_ study: FakeStudy = FakeStudy(), to destination: String = "sydney") async throws -> (
        id: Int64, transfer: TransferRecord, report: FakeReport
    ) {
        let id = try await planned(study)
        try await acknowledge(destination)
        let transfer = try #require(try await transfers(id).first { $0.destination == destination })
        let tokens = try await door.open().tokens(study: study.uid, scope: PseudonymSpace.shared)
        return (id, transfer, FakeReport(study: try #require(transfer.pseudonymousStudyUID), tokens: tokens))
    }

    func record(_ id: Int64) async throws -> StudyRecord { try #require(try await journal.study(id)) }

    func transfers(_ study: Int64) async throws -> [TransferRecord] {
        var query = TransferQuery()
        query.studyID = study
        return try await journal.transfers(query)
    }
}

extension StudySearch {
    init(text: String) {
        self.init()
        self.text = text
    }
}
