// What storage commitment and a history of many years add to the tables.

extension Schema {
    /// Questions that we put to destinations (PS3.4 J.3 as SCU).
    static let commitments = """
        -- none; ask: the destination is asked to commit; keep: and the files stay until it has.
        ALTER TABLE transfers ADD COLUMN commitment TEXT NOT NULL DEFAULT 'none';
        ALTER TABLE transfers ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE transfer_instances ADD COLUMN confirmedAt REAL;
        -- How often the destination said that it has not got it after all.
        ALTER TABLE transfer_instances ADD COLUMN uncommitted INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX transfer_instances_instance ON transfer_instances(instanceID) WHERE instanceID IS NOT NULL;
        CREATE TRIGGER transfer_instances_confirmed AFTER UPDATE OF confirmedAt ON transfer_instances
        WHEN (OLD.confirmedAt IS NULL) <> (NEW.confirmedAt IS NULL) BEGIN
            UPDATE transfers SET confirmed = confirmed + (NEW.confirmedAt IS NOT NULL) - (OLD.confirmedAt IS NOT NULL)
            WHERE id = NEW.transferID;
        END;

        CREATE TABLE commitments (
            transferID INTEGER PRIMARY KEY REFERENCES transfers(id),
            state TEXT NOT NULL,
            firstAt REAL NOT NULL,
            nextAt REAL NOT NULL,
            asked INTEGER NOT NULL DEFAULT 0,
            failures INTEGER NOT NULL DEFAULT 0,
            failure TEXT
        );
        CREATE INDEX commitments_due ON commitments(nextAt) WHERE state = 'open';

        -- An answer may come after we have asked again: each transaction leads to its transfer until that is settled.
        CREATE TABLE commitment_transactions (
            transactionUID TEXT PRIMARY KEY,
            transferID INTEGER NOT NULL REFERENCES transfers(id),
            askedAt REAL NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX commitment_transactions_transfer ON commitment_transactions(transferID);
        """

    /// Questions that modalities put to us (PS3.4 J.3 as SCP), answered with what destinations have said.
    static let commitmentRequests = """
        -- The same SOP Instance UID came again with other content, which nobody has.
        ALTER TABLE instances ADD COLUMN conflicts INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX instances_gone ON instances(sopInstanceUID) WHERE state <> 'stored';

        CREATE TABLE commitment_requests (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            source TEXT NOT NULL,
            transactionUID TEXT NOT NULL,
            callingAE TEXT NOT NULL,
            calledAE TEXT NOT NULL,
            address TEXT NOT NULL,
            -- JSON: the destinations that all have to have committed.
            destinations TEXT NOT NULL,
            state TEXT NOT NULL,
            receivedAt REAL NOT NULL,
            decidedAt REAL, answeredAt REAL,
            nextAt REAL NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            failure TEXT,
            instances INTEGER NOT NULL,
            committed INTEGER NOT NULL DEFAULT 0
        );
        CREATE UNIQUE INDEX commitment_requests_once ON commitment_requests(source, transactionUID);
        CREATE INDEX commitment_requests_due ON commitment_requests(nextAt) WHERE state IN ('open', 'decided');

        CREATE TABLE commitment_request_instances (
            requestID INTEGER NOT NULL REFERENCES commitment_requests(id),
            sopInstanceUID TEXT NOT NULL,
            sopClassUID TEXT NOT NULL,
            -- NULL until decided, 0 for committed, else a Failure Reason (0008,1197).
            reason INTEGER,
            PRIMARY KEY (requestID, sopInstanceUID)
        ) WITHOUT ROWID;
        """

    /// When the rows of a swept study's single images went, whose sums stay in the rows of study and transfers.
    static let pruning = """
        ALTER TABLE studies ADD COLUMN prunedAt REAL;
        CREATE INDEX studies_prune ON studies(sweptAt) WHERE sweptAt IS NOT NULL AND prunedAt IS NULL;
        """
}
