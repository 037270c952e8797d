// Tables of what left the house, under which terms.

extension Schema {
    /// `disclosures` has a row for each terms under which instances of a transfer went out; `disclosure_results` keeps what
    /// became of the instances when their rows are dropped. Both only grow, and neither names a patient.
    static let disclosures = """
        ALTER TABLE transfers ADD COLUMN space TEXT NOT NULL DEFAULT 'site';

        CREATE TABLE disclosures (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            transferID INTEGER NOT NULL REFERENCES transfers(id),
            at REAL NOT NULL,
            terms TEXT NOT NULL
        );
        CREATE UNIQUE INDEX disclosures_once ON disclosures(transferID, terms);
        CREATE INDEX disclosures_at ON disclosures(at);
        CREATE TRIGGER disclosures_stay BEFORE DELETE ON disclosures BEGIN
            SELECT RAISE(ABORT, 'the record of disclosures only grows');
        END;
        CREATE TRIGGER disclosures_are_final BEFORE UPDATE ON disclosures BEGIN
            SELECT RAISE(ABORT, 'the record of disclosures only grows');
        END;

        CREATE TABLE disclosure_results (
            transferID INTEGER PRIMARY KEY REFERENCES transfers(id),
            result TEXT NOT NULL
        );
        CREATE TRIGGER disclosure_results_stay BEFORE DELETE ON disclosure_results BEGIN
            SELECT RAISE(ABORT, 'the record of disclosures only grows');
        END;
        """

    /// A report that comes under the UID of another one is kept beside it.
    static let conflictingReports = """
        DROP INDEX reports_once;
        CREATE UNIQUE INDEX reports_once ON reports(reader, sopInstanceUID, digest);
        CREATE INDEX reports_instance ON reports(sopInstanceUID);
        """
}
