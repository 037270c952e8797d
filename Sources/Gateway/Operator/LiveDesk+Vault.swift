// The vault, for people: each look is written down before its answer is given.

import DICOMVocabulary
import Foundation
import Journal
import Logging
import Spool
import Vault

extension LiveDesk {
    func vault(_ request: VaultRequest, actor: String) async throws -> VaultAnswer {
        do {
            return try await answer(request, actor)
        } catch let failure as Failure {
            throw OperatorError(
                .unavailable, failure.hint.isEmpty ? failure.detail : "\(failure.detail). \(failure.hint)")
        }
    }

    private var door: VaultDoor { reportFlow().door }

    private func answer(_ request: VaultRequest, _ actor: String) async throws -> VaultAnswer {
        switch request {
        case .facts: return .facts(try await door.open().facts())
        case .accesses(let limit, let who, let subject, let since):
            let vault = try door.open()
            return .accesses(
                try await vault.accesses(limit: limit, actor: who, subject: subject, since: since),
                isWhole: try await vault.isRecordWhole())
        case .disclosures(let search): return .disclosures(try await disclosures(search, actor))
        case .show(let study, let reason): return .identity(try await show(study, reason, actor))
        case .find(let number, let reason): return .patients(try await find(number, reason, actor))
        case .forget(let studies, let reason): return try await forget(studies, reason, actor)
        case .addKey(let content, let proof):
            let vault = try door.open()
            guard vault.key.verifies(proof, of: content) else { throw Self.noProof }
            try await vault.add(VaultKey(content: content), at: now())
            try await record(.rotateKey, "", 0, "a new key was added", actor)
            return .done
        case .adoptKey(let content, let proof):
            let vault = try door.open()
            let new = try VaultKey(content: content)
            guard new.verifies(proof, of: content) else { throw Self.noProof }
            try await vault.adopt(new, at: now())
            try await record(.rotateKey, "", 0, "the former key was rotated away", actor)
            logger.notice("The vault's key was rotated", metadata: ["actor": "\(actor)"])
            return .done
        }
    }

    private static let noProof = OperatorError(.notAllowed, "only the holder of the vault's present key may change it")

    /// Why somebody looks is kept in the vault's record, in clear.
    private func reasonToLook(_ text: String, about studies: [UID], _ actor: String) async throws -> String {
        guard !text.isEmpty else { throw OperatorError(.invalid, "a look into the vault needs a reason") }
        return try await reason(text, about: studies, actor)
    }

    private func record(
        _ action: VaultAccess.Action, _ subject: String, _ found: Int, _ reason: String, _ actor: String
    ) async throws {
        try await door.open().record(
            VaultAccess(at: now(), actor: actor, action: action, subject: subject, found: found, reason: reason))
    }

    // MARK: Looking

    private func show(_ key: String, _ reason: String, _ actor: String) async throws -> PatientView {
        guard let study = try await journal.study(try number(key, "S")) else {
            throw OperatorError(.notFound, "there is no study \(key)")
        }
        let vault = try door.open()
        let reason = try await reasonToLook(reason, about: [study.studyUID], actor)
        let identity = try await vault.identities(study: study.studyUID).first
        try await record(.show, key, identity == nil ? 0 : 1, reason, actor)
        guard let identity else {
            let isForgotten = try await vault.isForgotten(study: study.studyUID)
            throw OperatorError(
                .notFound, isForgotten ? "the map of \(key) was erased" : "the vault knows nobody of \(key)")
        }
        return PatientView(
            study: key, name: identity.text(.patientName), patientID: identity.text(.patientID),
            issuer: identity.text(.issuerOfPatientID), birthDate: identity.text(.patientBirthDate),
            accessionNumber: identity.text(.accessionNumber), studyDate: identity.text(.studyDate),
            studyDescription: identity.text(.studyDescription))
    }

    private func find(_ number: String, _ reason: String, _ actor: String) async throws -> [[String]] {
        let patients = try await door.open().patients(number: number)
        let reason = try await reasonToLook(reason, about: patients.flatMap(\.studies), actor)
        try await record(.search, "", patients.count, reason, actor)
        var all: [[String]] = []
        for patient in patients { all.append(try await parts(patient.studies).map(\.key)) }
        return all
    }

    /// Every row of these studies, late parts included.
    private func parts(_ studies: [UID]) async throws -> [StudyRecord] {
        guard !studies.isEmpty else { return [] }
        var query = StudyQuery()
        query.uids = studies
        query.limit = 10_000
        return try await journal.studies(query)
    }

    private func disclosures(_ search: DisclosureSearch, _ actor: String) async throws -> [DisclosureRecord] {
        var query = DisclosureQuery(search)
        if let study = search.study {
            guard let record = try await journal.study(try number(study, "S")) else {
                throw OperatorError(.notFound, "there is no study \(study)")
            }
            query.studies = try await parts([record.studyUID]).map(\.id)
        }
        if let identifier = search.identifier {
            let studies = try await door.open().studies(identifier: identifier)
            let reason = try await reasonToLook(search.reason, about: studies, actor)
            let found = try await parts(studies)
            try await record(.disclosures, found.map(\.key).joined(separator: " "), found.count, reason, actor)
            let known = query.studies.map(Set.init)
            query.studies = found.map(\.id).filter { known?.contains($0) ?? true }
        }
        return try await journal.disclosures(query).filter { search.all || $0.left }
    }

    // MARK: Forgetting

    private func forget(_ keys: [String], _ reason: String, _ actor: String) async throws -> VaultAnswer {
        var uids: [UID] = []
        for key in keys {
            guard let study = try await journal.study(try number(key, "S")) else {
                throw OperatorError(.notFound, "there is no study \(key)")
            }
            if !uids.contains(study.studyUID) { uids.append(study.studyUID) }
        }
        let reason = try await reasonToLook(reason, about: uids, actor)
        let parts = try await parts(uids)
        let reports = try await reports(of: parts)
        if let moving = parts.first(where: { ![.delivered, .cancelled].contains($0.state) }) {
            throw OperatorError(
                .notAllowed, "\(moving.key) is \(moving.state.rawValue): cancel it first, or wait until it is delivered"
            )
        }
        if let moving = reports.first(where: { [.received, .matched, .restored].contains($0.state) }) {
            throw OperatorError(.notAllowed, "\(moving.key) is on its way home: wait until it is delivered")
        }
        if let held = reports.first(where: { $0.state == .held }), try await namesPatient(held) {
            throw OperatorError(.notAllowed, "\(held.key) is held and names the patient: discard it first")
        }
        var instances: [UID] = []
        for uid in uids {
            let originals = try await journal.originalUIDs(study: uid)
            instances += originals.series + originals.instances
        }
        let forgotten = try await door.open().forget(studies: uids, instances: instances, at: now())
        door.turnGeneration()
        try await record(
            .forget, parts.map(\.key).sorted().joined(separator: " "), forgotten.identities, reason, actor)
        let files = try await sweep(parts, reports)
        for part in parts {
            try await journal.record(
                event: EventRecord(
                    at: now(), kind: "forgotten", detail: "the patient's map was erased: \(reason)", actor: actor,
                    studyID: part.id))
        }
        logger.notice(
            "A patient's map was erased",
            metadata: ["studies": "\(parts.count)", "files": "\(files)", "actor": "\(actor)"])
        return .forgotten(forgotten, files: files)
    }

    /// As it came: of a reader that knows the patient.
    private func namesPatient(_ report: ReportRecord) async throws -> Bool {
        guard let id = report.transferID else { return false }
        return try await journal.transfer(id)?.isIdentified == true
    }

    private func reports(of parts: [StudyRecord]) async throws -> [ReportRecord] {
        var all: [ReportRecord] = []
        for part in parts {
            var query = ReportQuery()
            query.studyID = part.id
            query.limit = 10_000
            all += try await journal.reports(query)
        }
        return all
    }

    /// The files of the spool name the patient as the vault did; they go now and not only when they are old.
    private func sweep(_ parts: [StudyRecord], _ reports: [ReportRecord]) async throws -> Int {
        let spool = SpoolDirectory(path: settings().spool, freeFloor: 0)
        var removed = 0
        func remove(_ keys: [String]) {
            for key in keys where (try? spool.remove(key)) != nil { removed += 1 }
        }
        for part in parts where part.sweptAt == nil {
            let keys = try await journal.instances(study: part.id).filter { $0.state != .swept }.map(\.spoolKey)
            if try await journal.markSwept(.study(part.id), at: now()) { remove(keys) }
        }
        for report in reports where report.sweptAt == nil && (report.deliveredAt ?? report.discardedAt) != nil {
            if try await journal.markSwept(.report(report.id), at: now()) {
                remove([report.spoolKey, report.restored?.spoolKey].compactMap { $0 })
            }
        }
        return removed
    }
}

extension DisclosureQuery {
    init(_ search: DisclosureSearch) {
        self.init()
        destination = search.destination
        country = search.country
        agreement = search.agreement
        since = search.since
        until = search.until
        limit = min(max(search.limit, 1), 1_000_000)
    }
}
