// Whose the images of a study are, as far as the journal knows it: by marks, never by names.

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
    /// The marks of a study's patients, once what came unread has been read. Nothing where they are others than those that it was
    /// read `insteadOf`, because an image came meanwhile.
    package func setPatientKeys(
        _ keys: [String], study: Int64, insteadOf former: [String], at: Date
    ) async throws(Failure) {
        try await write { db in
            guard try StudyRecord.fetch(db, study)?.patientKeys == former else { return }
            try db.run("UPDATE studies SET patientKeys = ? WHERE id = ?", [try Column.json(keys), study])
            try db.noteNewPatients(of: study, Set(keys).subtracting(former), at: at)
        }
    }

    /// Images came under the UIDs of some that are here, with other content, and named a patient who is not known of their study, or
    /// nobody knows whom (nil). The study is held, unless it is over, is held for that already, or is to be judged by planning before
    /// anything of it leaves. The patient stands among the study's (`PatientMark.besides`) from here on, whatever its state, so that
    /// who says whose it is has said it of him too; what was said before he came is taken back.
    package func dispute(study id: Int64, by patient: String?, notice: HoldNotice, at: Date) async throws(Failure) {
        try await write { db in
            guard let study = try StudyRecord.fetch(db, id) else { return }
            if let patient {
                guard !study.isKnown(patient) else { return }
                let mark = PatientMark.besides(patient)
                if study.patientKeys.count < PatientMark.maximumOfStudy {
                    try db.run(
                        "UPDATE studies SET patientKeys = ? WHERE id = ?",
                        [try Column.json(study.patientKeys + [mark]), id])
                }
                try db.noteNewPatients(of: id, [mark], at: at)
            }
            // As it is now: the release may have been taken back, and the hold's reason be longer.
            guard let study = try StudyRecord.fetch(db, id) else { return }
            let isJudgedAgain =
                patient != nil && study.plannedAt == nil && study.hold != nil && study.destinations.isEmpty
            guard [.receiving, .complete, .planned, .held].contains(study.state), !isJudgedAgain,
                !study.released.contains(notice.code), study.hold?.code != notice.code
            else { return }
            try db.hold(study, notice, actor: EventRecord.antipode, at: at)
        }
    }
}

extension StudyRecord {
    /// Whether an image of it is this patient's, or named him where it was not kept.
    package func isKnown(_ patient: String) -> Bool {
        patientKeys.contains(patient) || patientKeys.contains(PatientMark.besides(patient))
    }

    /// An image of another patient may have come since somebody looked whose the study is.
    func requireJudged(_ marks: Set<String>?) throws(Failure) {
        guard let marks, !marks.isSuperset(of: patientKeys) else { return }
        throw Failure(
            .mixedPatients, .tryAgain, .instance, detail: "an image came to S\(id) whose patient was not looked at yet")
    }
}

extension Database {
    private static let further = "; further patients were named since"

    /// Whoever said that the patients of a study are one and the same has not seen these, unless another part of it had them: what he said
    /// is taken back of all parts, he is to say it again, and who is about to say it is told in the hold's reason. An image that nobody
    /// could read is asked about when it is read.
    func noteNewPatients(of study: Int64, _ newcomers: Set<String>, at: Date) throws {
        let parts = try rows(
            """
            SELECT id, patientKeys, holdCode FROM studies WHERE studyUID = (SELECT studyUID FROM studies WHERE id = ?)
            """, [study])
        let others = parts.filter { $0["id"] as Int64 != study }
        let known = Set(others.flatMap { $0.json("patientKeys") ?? [String]() })
        let unseen = newcomers.filter { one in
            // Whose images came is more than who was named besides.
            one != PatientMark.unread && !known.contains(one) && !known.contains(PatientMark.patient(one))
        }
        guard !unseen.isEmpty else { return }
        let doubt = Failure.Code.mixedPatients.rawValue
        try run(
            """
            UPDATE studies SET released = (SELECT json_group_array(value) FROM json_each(released) WHERE value <> ?2)
            WHERE studyUID = (SELECT studyUID FROM studies WHERE id = ?1) AND released <> '[]'
                AND EXISTS (SELECT 1 FROM json_each(released) WHERE value = ?2)
            """, [study, doubt])
        let patients = Set(unseen.map(PatientMark.patient))
        for part in parts where part["holdCode"] as String? == doubt {
            let marks: [String] = part.json("patientKeys") ?? []
            let named = Set(marks).subtracting(newcomers).subtracting([PatientMark.unread]).map(PatientMark.patient)
            // Who is the first, or was named already, is no further one.
            guard !named.isEmpty, !patients.isSubset(of: named) else { continue }
            let id = part["id"] as Int64
            try run(
                "UPDATE studies SET holdDetail = holdDetail || ?2 WHERE id = ?1 AND holdDetail NOT LIKE '%' || ?2",
                [id, Self.further])
            guard changesCount > 0 else { continue }
            try EventRecord(at: at, kind: "held", detail: "\(doubt)\(Self.further)", studyID: id).insert(self)
        }
    }
}
