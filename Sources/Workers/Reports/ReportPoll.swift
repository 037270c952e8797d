// Step 7: asking a reader for the reports of one study.

import DICOM
import DICOMNetwork
import DICOMVocabulary
import Spool
import WorkerProtocol

/// C-FIND for series and then instances, C-GET or C-MOVE for those that are not here (PS3.4 C.4). One association, one
/// thread.
struct ReportPoll {
    private struct Found {
        var series: UID
        var instance: UID
    }

    let job: PollJob
    let channel: WorkerChannel
    let progress: ProgressTicker
    let staging: Staging?

    func run() throws(Failure) -> PollOutcome {
        let association = try OutgoingAssociation(to: job.peer, limits: job.limits, proposals: proposals)
        do throws(Failure) {
            let counter = ByteCounter(association)
            let (outcome, isSound) = try progress.during(bytes: { counter.value }) { () throws(Failure) in
                try ask(association)
            }
            if isSound { association.release() } else { association.abort() }
            return outcome
        } catch {
            association.abort()
            throw error
        }
    }

    private var proposals: [OutgoingAssociation.Proposal] {
        let uncompressed: [TransferSyntax] = [.explicitVRLittleEndian, .implicitVRLittleEndian]
        func query(_ model: UID) -> OutgoingAssociation.Proposal {
            (abstract: model, transferSyntaxes: uncompressed, scpRole: false)
        }
        switch job.method {
        case .move: return [query(SOPClass.studyRootFind), query(SOPClass.studyRootMove)]
        case .get:
            return [query(SOPClass.studyRootFind), query(SOPClass.studyRootGet)]
                + SOPClass.reports.map { (abstract: $0, transferSyntaxes: uncompressed, scpRole: true) }
        }
    }

    /// One series or one report that the reader does not give stops no other: each has its own failure. Says too whether
    /// the association can still be used.
    private func ask(_ association: OutgoingAssociation) throws(Failure) -> (outcome: PollOutcome, isSound: Bool) {
        var outcome = PollOutcome(found: 0, fetched: 0)
        let found = try list(association, &outcome.failure)
        outcome.found = found.count
        FaultPoint.pass("worker.poll.found")
        let known = Set(job.known)
        for one in found where !known.contains(one.instance) {
            do throws(Failure) {
                outcome.fetched += try fetch(association, one)
            } catch {
                outcome.refused.append(RefusedReport(sopInstance: one.instance, failure: error.ofOneReport))
                // Nothing more can be asked here; what is left is asked for on the next association.
                guard Self.leavesAssociation(error) else { return (outcome, false) }
            }
        }
        return (outcome, true)
    }

    /// Reports are in series of documents; a PDF may be in any that the reader made, and there its class has to be told.
    private func list(_ association: OutgoingAssociation, _ failure: inout Failure?) throws(Failure) -> [Found] {
        let series = try find(association, level: "SERIES", in: nil, wanted: [.seriesInstanceUID, .modality], &failure)
        let own = Set(job.ownSeries)
        var found: [Found] = []
        for one in series {
            let uid = UID(one.text(.seriesInstanceUID))
            let modality = one.text(.modality)
            let isOfDocuments = SOPClass.reportModalities.contains(modality)
            guard uid.isValid, isOfDocuments || SOPClass.otherModalities.contains(modality) && !own.contains(uid)
            else { continue }
            let instances: [DataSetItem]
            do throws(Failure) {
                instances = try find(
                    association, level: "IMAGE", in: uid, wanted: [.sopInstanceUID, .sopClassUID], &failure)
            } catch {
                guard Self.leavesAssociation(error) else { throw error }
                failure = error
                continue
            }
            // SOP Class UID is an optional key (PS3.4 C.6.2.1.4): an archive may leave it out.
            found += instances.filter { instance in
                let sopClass = UID(instance.text(.sopClassUID))
                return sopClass.string.isEmpty ? isOfDocuments : SOPClass.reports.contains(sopClass)
            }.map { Found(series: uid, instance: UID($0.text(.sopInstanceUID))) }
                .filter { $0.instance.isValid }
            guard found.count <= job.maximumReports else {
                throw Failure(
                    .protocolError, .person, .instance,
                    detail: "the reader has more than \(job.maximumReports) reports of one study",
                    hint: "Look at what the reader's archive answers to a query for one study, or raise "
                        + "maximum_reports.")
            }
        }
        return found
    }

    /// A status is an answer like any other; whatever else fails may leave the two sides at odds about what comes next.
    private static func leavesAssociation(_ failure: Failure) -> Bool { failure.status != nil }

    private func identifier(_ level: String, series: UID?, instance: UID?) throws(Failure) -> DataSet {
        let dataSet = DataSet()
        try dataSet.root.set(.queryRetrieveLevel, .CS, text: level)
        try dataSet.root.set(.studyInstanceUID, .UI, text: job.study.string)
        if let series { try dataSet.root.set(.seriesInstanceUID, .UI, text: series.string) }
        if let instance { try dataSet.root.set(.sopInstanceUID, .UI, text: instance.string) }
        return dataSet
    }

    private func find(
        _ association: OutgoingAssociation, level: String, in series: UID?, wanted: [Tag], _ failure: inout Failure?
    ) throws(Failure) -> [DataSetItem] {
        let identifier = try identifier(level, series: series, instance: nil)
        for tag in wanted where identifier.root[tag] == nil {
            try identifier.root.set(tag, tag == .modality ? .CS : .UI, [])
        }
        var matches: [DataSetItem] = []
        let status = try association.find(model: SOPClass.studyRootFind, identifier: identifier) {
            (bytes, syntax) throws(Failure) in
            guard matches.count < 10_000 else {
                throw Failure(.protocolError, .tryAgain, .destination, detail: "matches without end")
            }
            do throws(Failure) {
                matches.append(try DataSet(bytes: bytes, transferSyntax: syntax, bounds: job.scan).root)
            } catch {
                // One match that cannot be read says nothing of the others.
                failure = error.ofOneReport
            }
        }
        guard status == DIMSEStatus.success else { throw Self.refused("C-FIND", status) }
        return matches
    }

    private func fetch(_ association: OutgoingAssociation, _ one: Found) throws(Failure) -> Int {
        let identifier = try identifier("IMAGE", series: one.series, instance: one.instance)
        switch job.method {
        case .get:
            return try get(association, identifier)
        case .move:
            guard let destination = job.moveDestination else {
                throw Failure(
                    .unexpected, .person, .destination, detail: "C-MOVE without a destination",
                    hint: "Give the reader's reports a destination AE title.")
            }
            let (status, completed, _) = try association.move(
                model: SOPClass.studyRootMove, identifier: identifier, destination: destination)
            guard status == DIMSEStatus.success || completed > 0 else { throw Self.refused("C-MOVE", status) }
            return completed
        }
    }

    private func get(_ association: OutgoingAssociation, _ identifier: DataSet) throws(Failure) -> Int {
        let intake = InstanceIntake(
            spool: job.spool, scan: job.scan, maximumObject: job.limits.maximumObject, flushesFirst: true,
            staging: staging)
        var fetched = 0
        var came = 0
        var refusal: Failure?
        let (status, _) = try association.get(model: SOPClass.studyRootGet, identifier: identifier) {
            (command, dataSet) throws(Failure) in
            came += 1
            let taken = try intake.take(command) { (sink, maximum, room) throws(Failure) in
                try dataSet.receive(into: sink, maximumBytes: maximum, room: room)
            }
            switch taken {
            case .refused(let refused):
                try channel.send(.instanceRefused(refused))
                refusal = Self.refused(by: refused.failure.detail, refused.status)
                return refused.status
            case .stored(let instance, let file):
                try channel.send(.instanceStored(instance))
                file.letGo()
                guard case .verdict(let verdict) = try channel.receive()?.message else {
                    throw Failure(.workerDied, .tryAgain, .instance, detail: "the office gave no verdict")
                }
                FaultPoint.pass("worker.poll.after-verdict")
                if verdict.keepFile { fetched += 1 } else { intake.remove(instance.spoolKey) }
                if verdict.status != DIMSEStatus.success {
                    refusal = Self.refused(by: "it cannot be taken now", verdict.status)
                }
                return verdict.status
            }
        }
        // Some report success whatever we answered them.
        if let refusal, fetched == 0 { throw refusal }
        guard fetched > 0 || (status == DIMSEStatus.success && came > 0) else { throw Self.refused("C-GET", status) }
        return fetched
    }

    private static func refused(by reason: String, _ status: UInt16) -> Failure {
        Failure(
            .unreadable, .tryAgain, .instance, status: status,
            detail: "the report that came was answered \(DIMSEStatus.hex(status)): \(reason)")
    }

    /// Of one study's query or one report's retrieval, and so no word about the reader's other studies (PS3.4 C.4.1.1.4,
    /// C.4.2.1.5, C.4.3.1.4).
    private static func refused(_ operation: String, _ status: UInt16) -> Failure {
        Failure(
            .refusedByPeer, .tryAgain, .instance, status: status,
            detail: "the reader answered \(operation) with \(DIMSEStatus.hex(status))"
                + (status == DIMSEStatus.success ? " and sent nothing" : ""),
            hint: status == 0xA801
                ? "The reader does not know the move destination: have it add the AE title of the reports."
                : "The reader's log says why.")
    }
}

extension Failure {
    /// The same, said of one report and not of the road.
    fileprivate var ofOneReport: Failure {
        Failure(code, disposition, .instance, status: status, detail: detail, hint: hint)
    }
}

extension Tag {
    /// (0008,0052)
    static let queryRetrieveLevel = Tag(0x0008, 0x0052)
}

extension DataSetItem {
    /// A value of the default repertoire, without spaces around it; empty where there is none.
    func text(_ tag: Tag) -> String {
        guard let value = self[tag]?.value, let first = value.firstIndex(where: { $0 != 0x20 }) else { return "" }
        return String(decoding: value[first...], as: UTF8.self)
    }
}
