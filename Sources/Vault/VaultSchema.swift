// The vault's tables. A migration that was released is never edited; the next one gets a new name.

import DICOMVocabulary
import GRDB

enum VaultSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 identities, tokens, uids") { db in
            try db.execute(sql: first)
            FaultPoint.pass("vault.in-migration")
        }
        migrator.registerMigration("2 ring of keys, forgetting, accesses") { db in try db.execute(sql: second) }
        return migrator
    }

    /// Columns named `mark` are keyed (`Sealing.mark`), columns named `sealed` are AES-GCM. Everything about one study
    /// can be found by its mark, so that it can be forgotten.
    private static let first = """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

        CREATE TABLE identities (
            id INTEGER PRIMARY KEY,
            studyMark BLOB NOT NULL,
            contentMark BLOB NOT NULL,
            patientMark BLOB NOT NULL,
            sealed BLOB NOT NULL
        );
        CREATE UNIQUE INDEX identities_once ON identities(studyMark, contentMark);
        CREATE INDEX identities_patient ON identities(patientMark);

        CREATE TABLE identifiers (
            mark BLOB NOT NULL,
            studyMark BLOB NOT NULL,
            PRIMARY KEY (mark, studyMark)
        ) WITHOUT ROWID;
        CREATE INDEX identifiers_study ON identifiers(studyMark);

        CREATE TABLE tokens (
            token TEXT PRIMARY KEY,
            mark BLOB NOT NULL UNIQUE,
            sealed BLOB NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE uids (
            pseudonym TEXT PRIMARY KEY,
            sealed BLOB NOT NULL
        ) WITHOUT ROWID;
        """

    /// `keyNumber` names the data key that a sealed value opens with; `subjectMark` is `Sealing.mark` of the patient or the
    /// study behind a token. `accesses` only grows, and each row is chained to the one before.
    private static let second = """
        CREATE TABLE keys (
            name TEXT PRIMARY KEY,
            sealed BLOB,
            addedAt REAL NOT NULL,
            retiredAt REAL
        ) WITHOUT ROWID;

        ALTER TABLE identities ADD COLUMN keyNumber INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE tokens ADD COLUMN keyNumber INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE tokens ADD COLUMN subjectMark BLOB;
        ALTER TABLE uids ADD COLUMN keyNumber INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX identities_key ON identities(keyNumber, id);
        CREATE INDEX tokens_key ON tokens(keyNumber, token);
        CREATE INDEX tokens_subject ON tokens(subjectMark);
        CREATE INDEX uids_key ON uids(keyNumber, pseudonym);

        -- Spaces of pseudonyms in use; every vault has had the first.
        CREATE TABLE spaces (name TEXT PRIMARY KEY) WITHOUT ROWID;
        INSERT INTO spaces VALUES ('site');

        -- Which studies named a UID, so that it is forgotten with the last of them.
        CREATE TABLE uid_studies (
            studyMark BLOB NOT NULL,
            pseudonym TEXT NOT NULL,
            PRIMARY KEY (studyMark, pseudonym)
        ) WITHOUT ROWID;
        CREATE INDEX uid_studies_uid ON uid_studies(pseudonym);

        CREATE TABLE forgotten (studyMark BLOB PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;

        CREATE TABLE accesses (
            id INTEGER PRIMARY KEY,
            at REAL NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            found INTEGER NOT NULL,
            reason TEXT NOT NULL,
            chain BLOB NOT NULL
        );
        CREATE TRIGGER accesses_stay BEFORE DELETE ON accesses BEGIN
            SELECT RAISE(ABORT, 'the record of accesses only grows');
        END;
        CREATE TRIGGER accesses_are_final BEFORE UPDATE ON accesses BEGIN
            SELECT RAISE(ABORT, 'the record of accesses only grows');
        END;
        """
}
