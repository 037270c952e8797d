// The vault's tables. A migration that was released is never edited; the next one gets a new name.

import GRDB

enum VaultSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 identities, tokens, uids") { db in try db.execute(sql: first) }
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
}
