// What people see of a gateway that runs.

import DICOMVocabulary
import Forwarding
import Foundation
import Intake
import Journal
import Spool
import Vault

extension AntipodeGateway {
    /// What pages and the control socket talk to.
    package var desk: any OperatorDesk {
        LiveDesk(
            looking: { [self] in
                JournalDesk(
                    journal: journal, settings: settings, now: now,
                    find: { [door, now] text in
                        guard let vault = try? door.open(), let found = try? await vault.studies(identifier: text)
                        else { return [] }
                        let access = VaultAccess(
                            at: now(), actor: OperatorActor.current, action: .search, found: found.count)
                        // What cannot be recorded is not shown.
                        return (try? await vault.record(access)) == nil ? [] : found
                    })
            },
            journal: journal, settings: { [self] in settings }, planner: { [self] in planner },
            reportFlow: { [self] in reportFlow }, pool: workPool, figures: { [self] in await figures() },
            counters: { [self, counters] in certificates.map { $0.sample(at: now()) } + counters.samples }, now: now,
            logger: logger,
            wake: { [self] names in
                plannerBell.ring()
                reportBell.ring()
                pollBell.ring()
                commitmentBell.ring()
                destinations.wake(tryingNow: names)
            }, mayDelete: { [timekeeper] in timekeeper.isTrusted })
    }

    private func figures() async -> LiveFigures {
        let associations = Dictionary(grouping: intake.associations, by: \.key.listener).mapValues(\.count)
        let listeners = await intake.openListeners.map { one in
            ListenerView(
                name: one.settings.name, address: one.settings.address, port: one.port, tls: one.settings.tls != nil,
                associations: associations[one.settings.name] ?? 0)
        }
        var alarms: [Notice] = []
        if let alarm = door.alarm { alarms.append(alarm) }
        let refusal = journal.failure ?? journal.trouble
        if let refusal { alarms.append(Notice(refusal)) }
        if let free = try? spool.freeBytes(), free < settings.freeFloor {
            alarms.append(
                Notice(
                    code: Failure.Code.spoolFull.rawValue, detail: "the spool is below its floor of free space",
                    hint: "Objects are refused with A700 until space is free; sending goes on."))
        }
        let state = SpoolDirectory(path: settings.state, freeFloor: settings.stateFloor)
        if let free = try? state.freeBytes(), free < settings.stateFloor {
            alarms.append(
                Notice(
                    code: "stateFull", detail: "the state folder has less free space than gateway.state_floor",
                    hint: "Without room for the journal objects are refused with A700, and nothing is sent."))
        }
        let stuck = pulses.stuck
        if !quota.hasRoom(for: 1) {
            alarms.append(
                Notice(
                    code: Failure.Code.spoolFull.rawValue, detail: "the spool holds as many bytes as it may",
                    hint: "Objects are refused with A700 until files are swept; sending goes on."))
        }
        if !damage.isEmpty {
            alarms.append(
                Notice(
                    code: Failure.Code.journalDamaged.rawValue, detail: damage.joined(separator: "; "),
                    hint: "What it concerns is held, the rest goes on. Keep a copy of the state folder, and restore."))
        }
        if !stuck.isEmpty {
            alarms.append(
                Notice(
                    code: "stuck", detail: "no progress in \(stuck.joined(separator: ", "))",
                    hint: "Restart the service."))
        }
        let late = await putOff()
        if !late.isEmpty {
            let more = late.count > 10 ? " and \(late.count - 10) more" : ""
            alarms.append(
                Notice(
                    code: "putOff", detail: "tried again and again: \(late.prefix(10).joined(separator: ", "))\(more)",
                    hint: "The log says why. Each goes on by itself once that has passed, or is held in the end."))
        }
        return LiveFigures(
            startedAt: startedAt, ready: isReady && stuck.isEmpty && refusal == nil,
            listeners: listeners, runners: await destinations.figures, alarms: alarms)
    }

    /// The keys of studies and reports that were tried again and again, and still wait.
    private func putOff() async -> [String] {
        let (studies, reports) = (planDeferrals.overdue, reportDeferrals.overdue)
        guard !studies.isEmpty || !reports.isEmpty else { return [] }
        // A journal that cannot be asked now says nothing of them.
        let waiting = try? await journal.stillWaiting(studies: studies, reports: reports)
        return (waiting?.studies ?? studies).map { "S\($0)" } + (waiting?.reports ?? reports).map { "R\($0)" }
    }
}
