// C-FIND, C-GET and C-MOVE SCP of a simulated reader (PS3.4 C.4).

import DICOM
import DICOMNetwork
import DICOMVocabulary
import Glibc

extension ReaderAssociation {
    private enum Status {
        static let success: UInt16 = 0x0000
        static let pending: UInt16 = 0xFF00
        static let cancelled: UInt16 = 0xFE00
        static let unknownDestination: UInt16 = 0xA801
        static let mismatch: UInt16 = 0xA900
        static let someFailed: UInt16 = 0xB000
    }
    /// An identifier is a handful of keys.
    private static let maximumIdentifier = 1 << 20

    private func query(_ command: QueryCommand) throws(Failure) -> Query? {
        let bytes = try session.association.receiveDataSet(maximumBytes: Self.maximumIdentifier)
        do throws(Failure) {
            return Query(identifier: try DataSet(bytes: bytes, transferSyntax: command.transferSyntax))
        } catch {
            return nil
        }
    }

    func answer(_ command: QueryCommand) throws(Failure) {
        guard let query = try query(command) else {
            try session.association.respondToFind(command, dataSet: nil, status: Status.mismatch)
            return
        }
        let answers = try query.answers(reader.index.all, aeTitle: reader.options.face.aeTitle.string)
        for answer in answers {
            try session.association.respondToFind(
                command, dataSet: try answer.encoded(as: command.transferSyntax), status: Status.pending)
        }
        try session.association.respondToFind(command, dataSet: nil, status: Status.success)
        reader.report("C-FIND \(query.level.rawValue) from \(session.callingAE): \(answers.count) matches")
    }

    func retrieve(_ command: QueryCommand) throws(Failure) {
        guard let query = try query(command) else {
            try session.association.respondToGet(command, SubOperations(), status: Status.mismatch)
            return
        }
        let holdings = query.objects(reader.index.all)
        var counts = SubOperations(remaining: holdings.count)
        for holding in holdings {
            if session.association.cancelled == command.messageID {
                try session.association.respondToGet(command, counts, status: Status.cancelled)
                return
            }
            counts.remaining -= 1
            let accepted = session.association.accepted.filter { $0.abstractSyntax == holding.sopClass }
            if let object = try ObjectToSend(holding, in: accepted.map(\.transferSyntax)) {
                let status = try session.association.store(
                    sopClass: holding.sopClass, sopInstance: holding.sopInstance,
                    transferSyntax: object.transferSyntax, parts: object.parts)
                counts.note(status)
            } else {
                counts.failed += 1
            }
            if counts.remaining > 0 {
                try session.association.respondToGet(command, counts, status: Status.pending)
            }
        }
        counts.remaining = 0
        try session.association.respondToGet(
            command, counts, status: counts.failed == 0 ? Status.success : Status.someFailed)
        reader.report("C-GET from \(session.callingAE): \(counts.completed) of \(holdings.count) objects sent")
    }

    func move(_ command: QueryCommand) throws(Failure) {
        guard let query = try query(command) else {
            try session.association.respondToMove(command, SubOperations(), status: Status.mismatch)
            return
        }
        guard let title = AETitle(command.destination), let peer = reader.options.moveDestinations[title] else {
            try session.association.respondToMove(command, SubOperations(), status: Status.unknownDestination)
            reader.report("C-MOVE to \(command.destination), which is unknown")
            return
        }
        let holdings = query.objects(reader.index.all)
        var counts = SubOperations(remaining: holdings.count)
        do throws(Failure) {
            try send(holdings, to: peer, for: command, &counts)
        } catch {
            reader.report("C-MOVE to \(title): \(error.code.rawValue), \(error.detail)")
        }
        counts.failed += counts.remaining
        counts.remaining = 0
        try session.association.respondToMove(
            command, counts, status: counts.failed == 0 ? Status.success : Status.someFailed)
        reader.report("C-MOVE to \(title): \(counts.completed) of \(holdings.count) objects sent")
    }

    private func send(
        _ holdings: [Holding], to peer: PeerAddress, for command: QueryCommand, _ counts: inout SubOperations
    ) throws(Failure) {
        guard !holdings.isEmpty else { return }
        let classes = Set(holdings.map(\.sopClass)).sorted { $0.string < $1.string }
        let proposals = classes.prefix(128).map { sopClass -> OutgoingAssociation.Proposal in
            let held = Set(holdings.filter { $0.sopClass == sopClass }.map(\.transferSyntax))
            let syntaxes =
                held.sorted { $0.uid.string < $1.uid.string } + QueryModel.plain.filter { !held.contains($0) }
            return (sopClass, syntaxes, false)
        }
        let association = try OutgoingAssociation(
            to: peer, limits: reader.options.face.limits, proposals: proposals)
        for holding in holdings {
            counts.remaining -= 1
            let accepted = association.accepted.filter { $0.abstractSyntax == holding.sopClass }
            guard let object = try ObjectToSend(holding, in: accepted.map(\.transferSyntax)) else {
                counts.failed += 1
                continue
            }
            let status = try association.store(
                sopClass: holding.sopClass, sopInstance: holding.sopInstance,
                transferSyntax: object.transferSyntax, parts: object.parts, moveOriginator: session.callingAE,
                moveOriginatorMessageID: command.messageID)
            counts.note(status)
        }
        association.release()
    }
}

extension SubOperations {
    fileprivate mutating func note(_ status: UInt16) {
        switch status {
        case 0: completed += 1
        case 0xB000...0xBFFF: warning += 1
        default: failed += 1
        }
    }
}
