// The first page: what waits, moves or needs a person.

import Foundation
import Gateway

/// What the first page is made of, read from the desk at one moment.
struct Snapshot: Sendable {
    /// Transfers looked at for the table of ages.
    static let backlogLimit = 1000
    static let backlogStates = ["waiting", "active", "deferred", "held"]

    let status: GatewayStatus
    let backlog: [TransferView]
    let at: Date
}

/// Lets many open pages share one reading of the desk a second.
actor NowBoard {
    private let desk: any OperatorDesk
    private var last: Snapshot?
    private var reading: Task<Snapshot, any Error>?

    init(desk: any OperatorDesk) {
        self.desk = desk
    }

    func snapshot(at now: Date) async throws -> Snapshot {
        if let last, abs(now.timeIntervalSince(last.at)) < 1 { return last }
        if let reading { return try await reading.value }
        let task = Task { [desk] in
            let status = try await desk.status()
            let backlog = try await desk.transfers(
                destination: nil, states: Snapshot.backlogStates, limit: Snapshot.backlogLimit)
            return Snapshot(status: status, backlog: backlog, at: now)
        }
        reading = task
        defer { reading = nil }
        let snapshot = try await task.value
        last = snapshot
        return snapshot
    }

    /// After somebody acted, the next page shows what came of it.
    func forget() { last = nil }
}

struct NowModel {
    struct Number {
        let anchor: String
        let tone: String
        let value: String
        let word: String
        let address: String
    }
    struct Destination {
        let anchor: String
        let name: String
        let roleAndCountry: String
        let `where`: String
        let circuit: Badge
        let retryAt: Moment?
        let lanes: String
        let lanesLong: String
        let waiting: String
        let deferred: String
        let held: String
        let someHeld: Bool
        let instances: String
        let oldest: String?
        let ageTone: String
        let acknowledged: Moment?
        let failure: NoticeModel?
        let transfersAddress: String
        let waitingAddress: String
        let deferredAddress: String
        let heldAddress: String
        let tryLong: String
    }
    struct AgeRow {
        struct Cell {
            let value: String
            let tone: String
        }
        let name: String
        let cells: [Cell]
    }
    struct Attention {
        let subject: Link
        let notice: NoticeModel
    }
    struct Listener {
        let name: String
        let address: String
        let tls: String
        let associations: String
    }

    let headline: String
    let tone: String
    let hasAttention: Bool
    let attention: [Attention]
    let hasAlarms: Bool
    let alarms: [NoticeModel]
    let numbers: [Number]
    let hasDestinations: Bool
    let destinations: [Destination]
    let columns: Int
    let ages: [AgeRow]
    let agesPartial: String?
    let listeners: [Listener]
    let free: String
    let floor: String
    let spaceWord: String?
    let startedAt: Moment?
    let version: String
    let updatedAt: Moment

    init(_ snapshot: Snapshot, canAct: Bool, _ scribe: Scribe) {
        let status = snapshot.status
        let readable = scribe.readable
        let (phrase, tone) = Self.headline(status, scribe)
        headline = phrase
        self.tone = tone.rawValue
        alarms = status.alarms.map(scribe.notice)
        hasAlarms = !alarms.isEmpty
        attention = status.attention.map { view in
            Attention(
                subject: view.key.hasPrefix("R") ? scribe.report(view.key) : scribe.study(view.key),
                notice: scribe.notice(view.notice))
        }
        hasAttention = !attention.isEmpty
        numbers = Self.numbers(status, scribe)
        destinations = status.destinations.map { Self.destination($0, scribe) }
        hasDestinations = !destinations.isEmpty
        columns = canAct ? 10 : 9
        ages = Self.ages(snapshot, scribe)
        agesPartial =
            snapshot.backlog.count >= Snapshot.backlogLimit
            ? Words.now.agesPartial.in(scribe.language, readable.count(Snapshot.backlogLimit)) : nil
        listeners = status.listeners.map {
            Listener(
                name: $0.name,
                address: $0.address.contains(":") ? "[\($0.address)]:\($0.port)" : "\($0.address):\($0.port)",
                tls: ($0.tls ? Words.shell.yes : Words.shell.no).in(scribe.language),
                associations: readable.count($0.associations))
        }
        free = readable.bytes(status.freeBytes)
        floor = readable.bytes(status.spoolFloor)
        // Twice the floor is where a busy night can reach it before somebody looks again.
        spaceWord =
            status.freeBytes < status.spoolFloor
            ? Words.now.spaceLow.in(scribe.language)
            : status.freeBytes < 2 * status.spoolFloor ? Words.now.spaceNear.in(scribe.language) : nil
        startedAt = status.startedAt.map(readable.moment)
        version = status.version
        updatedAt = readable.moment(snapshot.at)
    }

    private static func headline(_ status: GatewayStatus, _ scribe: Scribe) -> (String, Tone) {
        let words = Words.now
        let language = scribe.language
        if !status.running { return (words.headlineDown.in(language), .attention) }
        if !status.alarms.isEmpty { return (words.headlineAlarm.in(language), .attention) }
        if status.needsPerson > 0 {
            let things =
                status.needsPerson == 1
                ? words.thingsOne.in(language)
                : words.thingsMany.in(language, scribe.readable.count(status.needsPerson))
            return (words.headlinePerson.in(language, things), .attention)
        }
        let moving = ["waiting", "active", "deferred"].reduce(0) { $0 + (status.transfers[$1] ?? 0) }
        guard moving > 0 else { return (words.headlineQuiet.in(language), .good) }
        let transfers =
            moving == 1
            ? words.transfersOne.in(language) : words.transfersMany.in(language, scribe.readable.count(moving))
        return (words.headlineMoving.in(language, transfers), .moving)
    }

    private static func numbers(_ status: GatewayStatus, _ scribe: Scribe) -> [Number] {
        let words = Words.now
        func number(_ anchor: String, _ value: Int, _ phrase: Phrase, _ address: String, calls: Bool) -> Number {
            Number(
                anchor: "number-" + anchor, tone: calls && value > 0 ? Tone.attention.rawValue : "plain",
                value: scribe.readable.count(value), word: phrase.in(scribe.language), address: address)
        }
        return [
            number("person", status.needsPerson, words.numberPerson, "/studies?person=yes", calls: true),
            number(
                "receiving", status.studies["receiving"] ?? 0, words.numberReceiving, "/studies?state=receiving",
                calls: false),
            number(
                "waiting", status.transfers["waiting"] ?? 0, words.numberWaiting, "/transfers?state=waiting",
                calls: false),
            number(
                "moving", status.transfers["active"] ?? 0, words.numberMoving, "/transfers?state=active", calls: false),
            number(
                "deferred", status.transfers["deferred"] ?? 0, words.numberDeferred, "/transfers?state=deferred",
                calls: false),
            number(
                "held", status.transfers["held"] ?? 0, words.numberHeldTransfers, "/transfers?state=held", calls: true),
            number("reports", status.reports["held"] ?? 0, words.numberHeldReports, "/reports?state=held", calls: true),
        ]
    }

    private static func destination(_ view: DestinationView, _ scribe: Scribe) -> Destination {
        let readable = scribe.readable
        func address(_ state: String?) -> String {
            var fields = FormFields()
            fields.add("destination", view.name)
            if let state { fields.add("state", state) }
            return fields.address("/transfers")
        }
        let place = [scribe.word(view.role, StateWords.roles), view.country].filter { !$0.isEmpty }
        let host = view.host.contains(":") ? "[\(view.host)]" : view.host
        let security = view.tls ? "" : ", " + Words.now.plain.in(scribe.language)
        return Destination(
            anchor: "destination-" + FormFields.encoded(view.name), name: view.name,
            roleAndCountry: place.joined(separator: ", "),
            where: view.isConfigured ? "\(view.calledAE)@\(host):\(view.port)" + security : "",
            circuit: scribe.badge(view.circuit, StateWords.circuits), retryAt: view.retryAt.map(readable.moment),
            lanes: "\(view.lanesActive)/\(view.lanes)",
            lanesLong: Words.now.lanesLong.in(scribe.language, String(view.lanesActive), String(view.lanes)),
            waiting: readable.count(view.waitingTransfers), deferred: readable.count(view.deferredTransfers),
            held: readable.count(view.heldTransfers), someHeld: view.heldTransfers > 0,
            instances: readable.count(view.waitingInstances), oldest: view.oldestWaitingSeconds.map(readable.age),
            ageTone: view.oldestWaitingSeconds.map { AgeBucket.of($0).tone } ?? "",
            acknowledged: view.lastAcknowledgedAt.map(readable.moment), failure: view.lastFailure.map(scribe.failure),
            transfersAddress: address(nil), waitingAddress: address("waiting"), deferredAddress: address("deferred"),
            heldAddress: address("held"), tryLong: Words.now.tryRoadLong.in(scribe.language, view.name))
    }

    private static func ages(_ snapshot: Snapshot, _ scribe: Scribe) -> [AgeRow] {
        var counts: [String: [AgeBucket: Int]] = [:]
        for transfer in snapshot.backlog {
            let age = snapshot.at.timeIntervalSince(transfer.createdAt)
            counts[transfer.destination, default: [:]][AgeBucket.of(age), default: 0] += 1
        }
        let configured = snapshot.status.destinations.map(\.name)
        let others = counts.keys.filter { !configured.contains($0) }.sorted()
        return (configured + others).map { name in
            AgeRow(
                name: name,
                cells: AgeBucket.allCases.map { bucket in
                    let count = counts[name]?[bucket] ?? 0
                    return .init(value: scribe.readable.count(count), tone: count == 0 ? "dim" : "age " + bucket.tone)
                })
        }
    }
}

/// How long something has waited, in steps that a person acts on.
enum AgeBucket: Int, CaseIterable {
    case fresh, short, long, late

    static func of(_ seconds: Double) -> AgeBucket {
        switch seconds {
        case ..<300: .fresh
        case ..<1800: .short
        case ..<7200: .long
        default: .late
        }
    }

    /// The style's class.
    var tone: String {
        switch self {
        case .fresh, .short: ""
        case .long: "long"
        case .late: "late"
        }
    }
}
