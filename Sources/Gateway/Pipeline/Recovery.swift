// What a start does before it says that it is ready.

import DICOMVocabulary
import Foundation
import Journal
import Logging
import Spool

/// After a kill the journal alone tells what to do. Blocks on the spool's folders; runs before anything else.
struct Recovery: Sendable {
    let journal: JournalDatabase
    let spool: SpoolDirectory
    let logger: Logger
    let now: @Sendable () -> Date
    let maximumCrashes: Int

    /// Written at the end of a stop that was asked for. Missing at a start, the life before ended in a crash, a hang, a
    /// kill or a power cut, and what was under way may be why.
    static let politeEnd = "politeEnd"
    /// Written at the first start of a journal, which follows no end at all.
    private static let begun = "begun"
    /// So many files that are all gone are no accident of single files.
    private static let fewFiles = 10

    func run() async throws {
        try requireSpool()
        try spool.prepare()
        let unfinished = try spool.sweepIncoming(row: journal.rowOfFile)
        FaultPoint.pass("recover.after-partial-files")
        let ending = try await spared("how the daemon ended") {
            try await journal.setting(Self.politeEnd) == nil ? 1 : 0
        }
        let crashed = ending > 0
        let isFirst =
            try await spared("whether this is the first start") {
                guard try await journal.setting(Self.begun) == nil else { return 0 }
                try await journal.setSetting(Self.begun, to: "yes")
                return 1
            } > 0
        // Claims that nobody settled: their instances were under way when the daemon ended. What is hard to handle kills
        // a worker, whose death the daemon sees and marks itself; what ends the daemon itself is counted here.
        let givenBack = try await spared("open claims") {
            let marks = try await journal.openMarks()
            try await journal.giveBack(marks, crashed: crashed, maximumCrashes: maximumCrashes, at: now())
            return marks.count
        }
        let interrupted = try await spared("what the office had in hand") {
            try await journal.endInterruptedHandling(crashed: crashed, maximumCrashes: maximumCrashes, at: now())
        }
        // Last, so that a kill during this start does not count what a polite end left.
        _ = try await spared("how the daemon ended") {
            try await journal.setSetting(Self.politeEnd, to: nil)
            return 0
        }
        FaultPoint.pass("recover.after-given-back")
        var expected = SpoolKeySet()
        var without: [String] = []
        _ = try await spared("the files of its rows") {
            try journal.eachStoredKey { key in
                if !expected.insert(key) { without.append(key) }
            }
            return 0
        }
        let (orphans, absent) = try spool.compare(with: expected) { key in
            // Better an orphan kept than a file of the journal set aside.
            (try? journal.knows(spoolKey: key)) ?? true
        }
        without += absent
        FaultPoint.pass("recover.after-orphans")
        // Rows whose files are gone: reported and held.
        for key in without {
            _ = try await spared("the row of a file") {
                try await journal.markMissing(spoolKey: key, at: now())
                return 0
            }
        }
        FaultPoint.pass("recover.end")
        logger.notice(
            "Recovered",
            metadata: [
                "after": isFirst ? "nothing: the journal is new" : crashed ? "an end that nobody asked for" : "a stop",
                "given_back": "\(givenBack)",
                "interrupted": "\(interrupted)", "partial_files": "\(unfinished.deleted)",
                "finished_files": "\(unfinished.finished)", "orphans": "\(orphans)",
                "missing_files": "\(without.count)",
            ])
    }

    /// One or two files may be lost; where many are named and none is here it is another folder, or a disk that is not mounted, and to
    /// hold each of them would be as wrong as to receive into it.
    private func requireSpool() throws(Failure) {
        let expected = (try? journal.countStored(upTo: Self.fewFiles)) ?? 0
        guard expected >= Self.fewFiles, !spool.holdsObjects else { return }
        throw Failure(
            .missingFile, .person, .instance, detail: "the journal names files, and the spool holds none",
            hint:
                "Mount the spool's disk, or put its objects/ back. If they are lost: antipode verify --repair holds what waits for them."
        )
    }

    /// A page that cannot be read keeps no start from happening: what it concerns is held when it is met.
    private func spared(_ what: String, _ work: () async throws -> Int) async throws -> Int {
        do {
            return try await work()
        } catch let failure as Failure where failure.code == .journalDamaged {
            logger.error(
                "A part of the journal cannot be read; the rest goes on",
                metadata: ["part": "\(what)", "detail": "\(failure.detail)"])
            return 0
        }
    }
}

extension JournalDatabase {
    /// What there is to an unfinished file; nil when a damaged page does not tell: then nobody touches the file.
    func rowOfFile(_ key: String) -> RowOfFile? {
        do throws(Failure) {
            if let (bytes, digest) = try content(ofSpoolKey: key), bytes <= SpoolDirectory.longestBesideItsRow {
                return .besideBytes(digest: digest)
            }
            return try knows(spoolKey: key) ? .afterBytes : .noRow
        } catch {
            return nil
        }
    }
}
