// A desk with a busy night on it, and with texts that try to become markup.

import Foundation
import Synchronization

@testable import Gateway

final class FakeDesk: OperatorDesk {
    struct Act: Equatable {
        let action: StudyAction
        let key: String
        let actor: String
    }
    struct State {
        var acts: [Act] = []
        var searches: [StudySearch] = []
        var listed: [[String]] = []
        var reportActs: [String] = []
        var eventSearches: [EventSearch] = []
        var failure: OperatorError?
        var quiet = false
        var ready = true
        var studyCount = 60
        /// Where a release would send S18; nil for a night on which no rule holds anything.
        var onRelease: [String]?
    }

    static let hostile = "<script>alert(\"x\")</script>'&{{csrf}}"
    let state = Mutex(State())
    let now: Date

    init(now: Date = Date(timeIntervalSince1970: 1_795_304_105)) {
        self.now = now
    }

    private func check() throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    private func ago(_ seconds: Double) -> Date { now.addingTimeInterval(-seconds) }

    func status() async throws -> GatewayStatus {
        try check()
        let (quiet, ready) = state.withLock { ($0.quiet, $0.ready) }
        return GatewayStatus(
            version: "0.1.0", startedAt: ago(93_000), running: true, ready: ready,
            listeners: [
                ListenerView(name: "modaliteter", address: "10.20.0.5", port: 11112, tls: false, associations: 3),
                ListenerView(name: "svar", address: "::", port: 2762, tls: true, associations: 0),
            ],
            destinations: try await peers(),
            studies: ["receiving": 2, "planned": 41, "held": quiet ? 0 : 2, "delivered": 1268],
            transfers: quiet
                ? ["acknowledged": 12] : ["waiting": 37, "active": 4, "deferred": 9, "held": 1, "acknowledged": 1204],
            reports: ["delivered": 640, "held": quiet ? 0 : 1], needsPerson: quiet ? 0 : 4,
            attention: quiet
                ? []
                : [
                    AttentionView(
                        key: "R6",
                        notice: Notice(code: "reportUnmatched", detail: Self.hostile, hint: "Ask the reader.")),
                    AttentionView(
                        key: "S12",
                        notice: Notice(
                            code: "pixelsMayIdentify",
                            detail: "3 of 1216 instances to sydney: ultrasound, captured or photographic images",
                            hint: "antipode study release S12")),
                ], freeBytes: 412_000_000_000,
            spoolFloor: 250_000_000_000,
            alarms: ready
                ? []
                : [
                    Notice(
                        code: "vaultUnavailable", detail: "the key file does not open the vault",
                        hint: "Check vault.key_file; everything is still received, nothing is sent.")
                ])
    }

    func peers() async throws -> [DestinationView] {
        try check()
        return [
            DestinationView(
                name: "sydney", role: "reader", host: "dicom.tmc.example", port: 2762, calledAE: "TMC_SYD", tls: true,
                country: "AU", profile: "basic", circuit: "closed", retryAt: nil, lanes: 8, lanesActive: 4,
                waitingInstances: 18_240, waitingTransfers: 31, deferredTransfers: 0, heldTransfers: 1,
                oldestWaitingSeconds: 2460, lastAcknowledgedAt: ago(2), lastFailure: nil),
            DestinationView(
                name: "dagpartner", role: "reader", host: "192.0.2.40", port: 11112, calledAE: "DAG", tls: true,
                country: "SE", profile: "basic", circuit: "open", retryAt: now.addingTimeInterval(94), lanes: 4,
                lanesActive: 0, waitingInstances: 2210, waitingTransfers: 6, deferredTransfers: 9, heldTransfers: 0,
                oldestWaitingSeconds: 9030, lastAcknowledgedAt: ago(9100),
                lastFailure: Notice(
                    code: "connectTimedOut", detail: "no answer from 192.0.2.40:11112 within 10 s",
                    hint: "Ask the partner whether their VPN is up; transfers go on by themselves when it is.")),
            DestinationView(
                name: "pacs", role: "pacs", host: "pacs.hospital.example", port: 104, calledAE: "PACS", tls: false,
                country: "SE", profile: "none", circuit: "halfOpen", retryAt: nil, lanes: 1, lanesActive: 0,
                waitingInstances: 0, waitingTransfers: 0, deferredTransfers: 0, heldTransfers: 0,
                oldestWaitingSeconds: nil, lastAcknowledgedAt: nil,
                lastFailure: Notice(code: "unheardOf", detail: Self.hostile, hint: Self.hostile)),
        ]
    }

    private func view(_ number: Int) -> StudyView {
        let states = ["receiving", "complete", "planned", "delivered", "held", "cancelled", "unheardOf"]
        let state = number == 12 ? "planned" : states[number % states.count]
        var view = StudyView(
            key: "S\(number)", studyUID: "1.2.826.0.1.3680043.8.498.4466\(number)", state: state,
            source: number % 5 == 4 ? Self.hostile : "ct-akuten", modalities: number % 3 == 0 ? ["CT", "SR"] : ["MR"],
            bodyParts: number % 3 == 0 ? ["HEAD"] : ["KNEE"], priority: number % 4 == 0 ? "STAT" : "routine",
            instances: 1204 + number, bytes: 634_000_000 + Int64(number) * 7_000_000,
            firstInstanceAt: ago(Double(number) * 610), lastInstanceAt: ago(Double(number) * 610 - 40),
            completedAt: state == "receiving" ? nil : ago(Double(number) * 610 - 70),
            followUpOf: number == 7 ? "S3" : nil, destinations: number % 2 == 0 ? ["sydney"] : ["dagpartner", "pacs"],
            rule: "natt",
            hold: state == "held"
                ? Notice(
                    code: "pixelsMayIdentify", detail: "secondary capture with burned-in annotation, \(Self.hostile)",
                    hint: "Look at the images; release if they carry no name.") : nil)
        view.heldInstances = number == 12 ? 1 : 0
        if number == 18, state == "held", self.state.withLock({ $0.onRelease }) != nil {
            view.hold = Notice(code: "rule", detail: "rule natt: fråga neuro", hint: "")
        }
        return view
    }

    func studies(_ search: StudySearch) async throws -> [StudyView] {
        try check()
        let count = state.withLock { state in
            state.searches.append(search)
            return state.studyCount
        }
        return (1...max(count, 1)).prefix(count).map { view($0) }
            .filter { search.states.isEmpty || search.states.contains($0.state) }
            .dropFirst(search.offset).prefix(search.limit).map { $0 }
    }

    func study(_ key: String) async throws -> StudyDetail {
        try check()
        guard let number = Int(key.dropFirst()), number <= 60 else {
            throw OperatorError(.notFound, "no study \(key)")
        }
        let study = view(number)
        return StudyDetail(
            study: study, transfers: try await transfers(destination: nil, states: [], limit: 3),
            reports: try await reports(states: [], limit: 2),
            attempts: [
                AttemptView(
                    transfer: "T31", destination: "sydney", lane: 3, startedAt: ago(240), endedAt: nil,
                    acknowledged: 812, bytes: 427_000_000, failure: nil),
                AttemptView(
                    transfer: "T31", destination: "sydney", lane: 2, startedAt: ago(700), endedAt: ago(650),
                    acknowledged: 200, bytes: 105_000_000,
                    failure: Notice(
                        code: "connectionLost", detail: "reset by peer after 200 instances",
                        hint: "It goes on by itself.")),
            ],
            events: [
                EventView(at: ago(7320), kind: "received", detail: "first instance from ct-akuten", actor: "antipode"),
                EventView(at: ago(7250), kind: "completed", detail: "1 216 instances", actor: "antipode"),
                EventView(at: ago(7249), kind: "planned", detail: "rule natt: sydney", actor: "antipode"),
                EventView(at: ago(5000), kind: "conflict", detail: Self.hostile, actor: Self.hostile),
                EventView(at: ago(3000), kind: "held", detail: "fel protokoll", actor: "anna (operator)"),
                EventView(at: ago(2900), kind: "released", detail: "", actor: "anna (operator)"),
            ],
            followUps: ["S7"], explanation: nil)
    }

    func instances(_ study: String, held: Bool, limit: Int) async throws -> [InstanceView] {
        try check()
        return [
            InstanceView(
                key: "I77", sopInstanceUID: "1.2.826.0.1.3680043.8.498.77", sopClass: "1.2.840.10008.5.1.4.1.1.6.1",
                kind: "Ultrasound Image", seriesUID: "1.2.826.0.1.3680043.8.498.7", bytes: 900_000,
                receivedAt: ago(7300), destination: "sydney", state: "held", file: "/spool/objects/77",
                failure: Notice(
                    code: "pixelsMayIdentify", detail: "ultrasound, captured or photographic images", hint: ""))
        ].prefix(limit).map { $0 }
    }

    func report(_ key: String) async throws -> ReportDetail {
        try check()
        guard let report = try await reports(states: [], limit: 9).first(where: { $0.key == key }) else {
            throw OperatorError(.notFound, "no report \(key)")
        }
        return ReportDetail(
            report: report, deliveries: try await transfers(destination: "pacs", states: [], limit: 1),
            events: [
                EventView(at: ago(900), kind: "reportReceived", detail: "from sydney", actor: "antipode", report: key),
                EventView(at: ago(890), kind: "reportHeld", detail: Self.hostile, actor: "antipode", report: key),
            ])
    }

    func act(_ action: ReportAction, onReport key: String, actor: String) async throws -> ReportDetail {
        let detail = try await report(key)
        state.withLock { $0.reportActs.append("\(action) \(key) \(actor)") }
        return detail
    }

    func events(_ search: EventSearch) async throws -> [EventView] {
        try check()
        state.withLock { $0.eventSearches.append(search) }
        return [
            EventView(
                at: ago(30), kind: "associationRejected", detail: "10.0.0.9 on modaliteter: \(Self.hostile)",
                actor: "antipode"),
            EventView(at: ago(60), kind: "refused", detail: "from ct-akuten with status A900", actor: "antipode"),
        ].filter { search.kinds.isEmpty || search.kinds.contains($0.kind) }
    }

    func transfers(destination: String?, states: [String], limit: Int) async throws -> [TransferView] {
        try check()
        state.withLock { $0.listed.append([destination ?? "*"] + states) }
        func transfer(_ number: Int, _ destination: String, _ state: String, age: Double, failure: Notice?)
            -> TransferView
        {
            TransferView(
                key: "T\(number)", study: "S12", report: number == 35 ? "R5" : nil, destination: destination,
                profile: destination == "pacs" ? "none" : "basic", rule: "natt", state: state, instances: 1216,
                acknowledged: state == "acknowledged" ? 1216 : state == "waiting" ? 0 : 812,
                held: state == "held" ? 3 : 0,
                bytes: 640_000_000, priority: "stat", createdAt: ago(age), startedAt: ago(age - 10),
                finishedAt: state == "acknowledged" ? ago(age - 300) : nil,
                nextAttemptAt: state == "deferred" ? now.addingTimeInterval(300) : nil, attempts: 2,
                pseudonymousStudyUID: "2.25.329800735698586629295641978511506172918", failure: failure)
        }
        let all = [
            transfer(31, "sydney", "active", age: 600, failure: nil),
            transfer(
                32, "dagpartner", "deferred", age: 9030,
                failure: Notice(code: "connectTimedOut", detail: "no answer within 10 s", hint: "Ask the partner.")),
            transfer(
                33, "sydney", "held", age: 4000,
                failure: Notice(code: "identityFound", detail: Self.hostile, hint: "Look at the tag named.")),
            transfer(34, "sydney", "waiting", age: 40, failure: nil),
            transfer(35, "pacs", "acknowledged", age: 86_000, failure: nil),
            transfer(36, "<b>gone</b>", "waiting", age: 100_000, failure: nil),
        ]
        return all.filter {
            (destination == nil || $0.destination == destination) && (states.isEmpty || states.contains($0.state))
        }.prefix(limit).map { $0 }
    }

    func reports(states: [String], limit: Int) async throws -> [ReportView] {
        try check()
        func report(_ number: Int, _ state: String, hold: Notice?) -> ReportView {
            ReportView(
                key: "R\(number)", reader: "sydney", study: state == "held" ? nil : "S12",
                sopClass: "1.2.840.10008.5.1.4.1.1.88.11", sopInstanceUID: "2.25.1\(number)", state: state,
                receivedAt: ago(900), restoredAt: state == "held" ? nil : ago(890),
                deliveredAt: state == "delivered" ? ago(880) : nil, completion: "COMPLETE", verification: "VERIFIED",
                preliminary: "", hold: hold)
        }
        let all = [
            report(5, "delivered", hold: nil),
            report(
                6, "held",
                hold: Notice(
                    code: "reportContradicts", detail: "study token and accession token name different studies",
                    hint: "Ask the reader which exam it answers.")),
            report(7, "restored", hold: nil),
        ]
        return all.filter { states.isEmpty || states.contains($0.state) }.prefix(limit).map { $0 }
    }

    /// Nothing of the console may ask for it.
    func reportText(_ key: String) async throws -> String {
        throw OperatorError(.notAllowed, "the console asked for a report's text")
    }

    func explain(_ key: String) async throws -> ExplanationView {
        try check()
        if let onRelease = state.withLock({ $0.onRelease }) {
            var explanation = ExplanationView(
                study: key, decidedAt: ago(7249), localTime: "lördag 23:41", rule: "natt", destinations: [],
                hold: "fråga neuro", lines: [.init(rule: "natt", matched: true, reasons: ["modality is CT"])])
            explanation.onRelease = onRelease
            return explanation
        }
        return ExplanationView(
            study: key, decidedAt: ago(7249), localTime: "lördag 23:41", rule: "natt", destinations: ["sydney"],
            lines: [
                .init(rule: "dag", matched: false, reasons: ["time is 23:41, wanted 08:00–20:00"]),
                .init(rule: "barn", matched: false, reasons: ["body part is HEAD, wanted CHEST", Self.hostile]),
                .init(rule: "natt", matched: true, reasons: ["time is 23:41, wanted 20:00–08:00", "modality is CT"]),
            ])
    }

    func act(_ action: StudyAction, on key: String, actor: String) async throws -> StudyDetail {
        try check()
        let detail = try await study(key)
        state.withLock { $0.acts.append(Act(action: action, key: key, actor: actor)) }
        return detail
    }

    func echo(_ peer: String) async throws -> EchoView {
        try check()
        return EchoView(
            peer: peer, ok: peer == "sydney", milliseconds: 312.4, tls: "TLSv1.3 TLS_AES_256_GCM_SHA384",
            failure: peer == "sydney" ? nil : Notice(code: "connectFailed", detail: "refused", hint: "Is it on?"))
    }

    func metrics() async throws -> [MetricSample] {
        try check()
        return [
            MetricSample(
                name: "antipode_transfers", help: "Transfers by state.", kind: .gauge,
                labels: ["state": "waiting", "destination": "sydney"], value: 31),
            MetricSample(
                name: "antipode_instances_received_total", help: "Instances\nstored \\ all.", kind: .counter,
                value: 12.5),
            MetricSample(
                name: "antipode_transfers", help: "Transfers by state.", kind: .gauge,
                labels: ["state": "a\"b\\c\nd", "destination": "pacs"], value: .infinity),
        ]
    }
}
