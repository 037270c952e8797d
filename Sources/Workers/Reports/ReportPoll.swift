// Step 7: asking a reader for the reports of one study.

import DICOM
import DICOMNetwork
import DICOMVocabulary
import WorkerProtocol

/// C-FIND for series and then instances, C-GET or C-MOVE for those that are not here (PS3.4 C.4). One association, one
/// thread.
struct ReportPoll {
    /// Reports of one study: more is a mistake of somebody's.
    private static let maximumReports = 200

    private struct Found {
        var series: UID
        var instance: UID
    }

    let job: PollJob
    let channel: WorkerChannel
    let progress: ProgressTicker

    func run() throws(Failure) -> PollOutcome {
        let association = try OutgoingAssociation(to: job.peer, limits: job.limits, proposals: proposals)
        do throws(Failure) {
            let counter = ByteCounter(association)
            let outcome = try progress.during(bytes: { counter.value }) { () throws(Failure) in
                try ask(association)
            }
            association.release()
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

    private func ask(_ association: OutgoingAssociation) throws(Failure) -> PollOutcome {
        let series = try find(association, level: "SERIES", in: nil, wanted: [.seriesInstanceUID, .modality])
            .filter { SOPClass.reportModalities.contains($0.text(.modality)) }
            .map { UID($0.text(.seriesInstanceUID)) }
        var found: [Found] = []
        for uid in series where uid.isValid {
            let instances = try find(association, level: "IMAGE", in: uid, wanted: [.sopInstanceUID, .sopClassUID])
            // SOP Class UID is an optional key (PS3.4 C.6.2.1.4): an archive may leave it out.
            found += instances.filter { instance in
                let sopClass = UID(instance.text(.sopClassUID))
                return sopClass.string.isEmpty || SOPClass.reports.contains(sopClass)
            }.map { Found(series: uid, instance: UID($0.text(.sopInstanceUID))) }
                .filter { $0.instance.isValid }
            guard found.count <= Self.maximumReports else {
                throw Failure(
                    .protocolError, .person, .instance,
                    detail: "the reader has more than \(Self.maximumReports) reports of one study",
                    hint: "Look at what the reader's archive answers to a query for one study.")
            }
        }
        let known = Set(job.known)
        var fetched = 0
        for one in found where !known.contains(one.instance) { fetched += try fetch(association, one) }
        return PollOutcome(found: found.count, fetched: fetched)
    }

    private func identifier(_ level: String, series: UID?, instance: UID?) throws(Failure) -> DataSet {
        let dataSet = DataSet()
        try dataSet.root.set(.queryRetrieveLevel, .CS, text: level)
        try dataSet.root.set(.studyInstanceUID, .UI, text: job.study.string)
        if let series { try dataSet.root.set(.seriesInstanceUID, .UI, text: series.string) }
        if let instance { try dataSet.root.set(.sopInstanceUID, .UI, text: instance.string) }
        return dataSet
    }

    private func find(
        _ association: OutgoingAssociation, level: String, in series: UID?, wanted: [Tag]
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
            matches.append(try DataSet(bytes: bytes, transferSyntax: syntax, bounds: job.scan).root)
        }
        guard status == DIMSEStatus.success else { throw refused("C-FIND", status) }
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
            guard status == DIMSEStatus.success || completed > 0 else { throw refused("C-MOVE", status) }
            return completed
        }
    }

    private func get(_ association: OutgoingAssociation, _ identifier: DataSet) throws(Failure) -> Int {
        let intake = InstanceIntake(spool: job.spool, scan: job.scan, maximumObject: job.limits.maximumObject)
        var fetched = 0
        let (status, _) = try association.get(model: SOPClass.studyRootGet, identifier: identifier) {
            (command, dataSet) throws(Failure) in
            let taken = try intake.take(command) { (descriptor, maximum) throws(Failure) in
                try dataSet.receive(into: descriptor, maximumBytes: maximum)
            }
            switch taken {
            case .refused(let refusal):
                try channel.send(.instanceRefused(refusal))
                return refusal.status
            case .stored(let instance):
                try channel.send(.instanceStored(instance))
                guard case .verdict(let verdict) = try channel.receive()?.message else {
                    throw Failure(.workerDied, .tryAgain, .instance, detail: "the office gave no verdict")
                }
                if verdict.keepFile { fetched += 1 } else { intake.remove(instance.spoolKey) }
                return verdict.status
            }
        }
        guard status == DIMSEStatus.success || fetched > 0 else { throw refused("C-GET", status) }
        return fetched
    }

    private func refused(_ operation: String, _ status: UInt16) -> Failure {
        Failure(
            .refusedByPeer, .tryAgain, .destination, status: status,
            detail: "the reader answered \(operation) with \(DIMSEStatus.hex(status))",
            hint: "The reader's log says why.")
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
