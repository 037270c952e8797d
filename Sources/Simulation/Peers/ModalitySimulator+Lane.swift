// One association's worth of sending.

import DICOMNetwork
import DICOMVocabulary
import Glibc

/// One object that waits to be sent.
struct Parcel: Sendable {
    enum Source: Sendable {
        case file(path: String, offset: Int64, length: Int64)
        case slice(SyntheticStudy, Int)
    }
    let sopClass: UID
    let sopInstance: UID
    let transferSyntax: TransferSyntax
    let source: Source
}

extension ModalitySimulator {
    func parcels() throws(Failure) -> [Parcel] {
        switch options.cargo {
        case .synthetic(let study):
            return (0..<study.count).map { index in
                Parcel(
                    sopClass: study.sopClass, sopInstance: study.sopInstance(index),
                    transferSyntax: .explicitVRLittleEndian, source: .slice(study, index))
            }
        case .folder(let folder):
            var found: [Parcel] = []
            for path in FolderStore.files(below: folder) {
                do throws(Failure) {
                    let holding = try Holding(path: path)
                    // A DICOMDIR is a file of its own kind, not an object to be stored (PS3.10 8.6).
                    guard !holding.sopInstance.string.isEmpty else { continue }
                    found.append(
                        Parcel(
                            sopClass: holding.sopClass, sopInstance: holding.sopInstance,
                            transferSyntax: holding.transferSyntax,
                            source: .file(
                                path: path, offset: holding.dataSetOffset, length: holding.dataSetLength)))
                } catch {
                    report("passed over a file that is not DICOM: \(path) (\(error.detail))")
                }
            }
            return found
        }
    }

    func lane(
        _ parcels: [Parcel], _ progress: Progress, _ stop: StopSignal, _ started: ContinuousClock.Instant
    ) {
        var association: OutgoingAssociation?
        var fruitless = 0
        while fruitless < 3, !stop.isStopped {
            let index = progress.next()
            guard index < parcels.count else { break }
            keepRate(index, since: started)
            let parcel = parcels[index]
            do throws(Failure) {
                let open: OutgoingAssociation
                if let association { open = association } else { open = try connect(parcels) }
                association = open
                fruitless = 0
                let status = try send(parcel, on: open)
                let stored = status == 0 || status >> 12 == 0xB || [0x0107, 0x0111, 0x0116].contains(status)
                progress.count(stored: stored)
                report("\(index + 1)/\(parcels.count) status \(Self.hex(status)) \(parcel.sopInstance)")
            } catch {
                if association == nil { fruitless += 1 }
                if error.scope == .destination {
                    association?.abort()
                    association = nil
                }
                progress.countFailure()
                report("\(index + 1)/\(parcels.count) not sent: \(error.code.rawValue), \(error.detail)")
            }
        }
        association?.release()
    }

    /// One context for each SOP class and transfer syntax, since data sets go as they are.
    private func connect(_ parcels: [Parcel]) throws(Failure) -> OutgoingAssociation {
        var proposals: [(abstract: UID, transferSyntaxes: [TransferSyntax], scpRole: Bool)] = []
        var seen: Set<[String]> = []
        for parcel in parcels
        where seen.insert([parcel.sopClass.string, parcel.transferSyntax.uid.string]).inserted {
            // An association has room for 128 contexts (PS3.8 9.3.2.2).
            guard proposals.count < 128 else { break }
            proposals.append((parcel.sopClass, [parcel.transferSyntax], false))
        }
        return try OutgoingAssociation(to: options.peer, limits: options.limits, proposals: proposals)
    }

    private func send(_ parcel: Parcel, on association: OutgoingAssociation) throws(Failure) -> UInt16 {
        switch parcel.source {
        case .slice(let study, let index):
            let instance = try study.instance(index)
            return try store(parcel, [.bytes(instance.dataSet)], on: association)
        case .file(let path, let offset, let length):
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw FolderStore.failure("open", errno) }
            defer { close(descriptor) }
            return try store(parcel, [.file(descriptor, offset: offset, length: length)], on: association)
        }
    }

    private func store(
        _ parcel: Parcel, _ parts: [DataSetPart], on association: OutgoingAssociation
    ) throws(Failure) -> UInt16 {
        guard association.context(for: parcel.sopClass, parcel.transferSyntax) else {
            throw Failure(
                .noPresentationContext, .refused, .instance,
                detail: "the peer does not take \(parcel.sopClass) in \(parcel.transferSyntax.name)")
        }
        return try association.store(
            sopClass: parcel.sopClass, sopInstance: parcel.sopInstance, transferSyntax: parcel.transferSyntax,
            parts: parts, priority: options.highPriority ? 1 : 0)
    }

    /// Waits until the object with this index is due.
    private func keepRate(_ index: Int, since started: ContinuousClock.Instant) {
        guard let rate = options.rate, rate > 0 else { return }
        let wait = Double(index) / rate - started.duration(to: .now) / .seconds(1)
        if wait > 0 { usleep(UInt32(wait * 1e6)) }
    }

    static func hex(_ status: UInt16) -> String {
        let digits = String(status, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    static func rounded(_ seconds: Double) -> String { String((seconds * 10).rounded() / 10) }
}
