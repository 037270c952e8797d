// The journal's tables. A migration that was released is never edited; the next one gets a new name.

import DICOMVocabulary
import GRDB

enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 studies, instances, transfers, reports") { db in
            try db.execute(sql: studies)
            FaultPoint.pass("journal.in-migration")
            try db.execute(sql: transfers)
            try db.execute(sql: reports)
            try db.execute(sql: rest)
            try db.execute(sql: passageCounts)
            for table in ["studies", "transfers", "reports"] { try db.execute(sql: stateCounts(of: table)) }
        }
        migrator.registerMigration("2 storage commitment, pruning") { db in
            try db.execute(sql: commitments)
            try db.execute(sql: commitmentRequests)
            try db.execute(sql: pruning)
        }
        migrator.registerMigration("2 lost instances, and the bytes that are here") { db in
            try db.execute(
                sql: """
                    CREATE INDEX instances_lost ON instances(sopInstanceUID) WHERE state = 'missing';
                    CREATE INDEX studies_here ON studies(bytes) WHERE sweptAt IS NULL;
                    """)
        }
        migrator.registerMigration("3 what a person decided about a report") { db in
            try db.execute(
                sql: """
                    ALTER TABLE reports ADD COLUMN boundTransferID INTEGER REFERENCES transfers(id);
                    ALTER TABLE reports ADD COLUMN boundAgainst TEXT;
                    ALTER TABLE reports ADD COLUMN discardedAt REAL;
                    CREATE INDEX reports_discarded ON reports(discardedAt)
                        WHERE discardedAt IS NOT NULL AND sweptAt IS NULL;
                    """)
        }
        migrator.registerMigration("4 disclosures, reports under one UID") { db in
            try db.execute(sql: disclosures)
            try db.execute(sql: conflictingReports)
        }
        migrator.registerMigration("5 questions that were given up") { db in
            try db.execute(sql: "CREATE INDEX polls_given_up ON polls(transferID) WHERE state = 'givenUp'")
        }
        migrator.registerMigration("5 conflicts among the events of the door") { db in
            try db.execute(sql: "CREATE INDEX events_conflict ON events(id) WHERE kind = 'conflict'")
        }
        migrator.registerMigration("6 what was under way when the daemon ended") { db in
            try db.execute(sql: underWay)
        }
        migrator.registerMigration("7 whose images a report names") { db in
            try db.execute(sql: instancePseudonyms)
        }
        migrator.registerMigration("8 transfers that grow while their study arrives") { db in
            try db.execute(
                sql: """
                    ALTER TABLE transfers ADD COLUMN growing INTEGER NOT NULL DEFAULT 0;
                    CREATE INDEX transfers_growing ON transfers(studyID) WHERE growing = 1;
                    """)
        }
        migrator.registerMigration("8 lists and figures that do not grow with history") { db in
            try db.execute(sql: growth)
            try db.execute(sql: openCounts)
        }
        migrator.registerMigration("9 whose pixels a person has judged") { db in
            try db.execute(
                sql: """
                    ALTER TABLE instances ADD COLUMN pixelsReleased INTEGER NOT NULL DEFAULT 0;
                    UPDATE instances SET pixelsReleased = 1 WHERE studyID IN
                        (SELECT id FROM studies WHERE pixelsReleased = 1 AND sweptAt IS NULL);
                    """)
        }
        // A new column asks nothing of the rows that are there.
        migrator.registerMigration("10 rounds in which files could not be read", foreignKeyChecks: .immediate) { db in
            try db.execute(sql: "ALTER TABLE transfers ADD COLUMN unreadRounds INTEGER NOT NULL DEFAULT 0")
        }
        return migrator
    }

    private static let studies = """
        CREATE TABLE studies (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            studyUID TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            followUpOf INTEGER REFERENCES studies(id),
            source TEXT NOT NULL,
            calledAE TEXT NOT NULL,
            state TEXT NOT NULL,
            holdCode TEXT, holdDetail TEXT, holdHint TEXT, heldBy TEXT,
            released TEXT NOT NULL DEFAULT '[]',
            rank INTEGER NOT NULL,
            priority TEXT NOT NULL,
            firstInstanceAt REAL NOT NULL,
            lastInstanceAt REAL NOT NULL,
            completedAt REAL, plannedAt REAL, finishedAt REAL, sweptAt REAL,
            instanceCount INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0,
            duplicates INTEGER NOT NULL DEFAULT 0,
            modalities TEXT NOT NULL DEFAULT '[]',
            bodyParts TEXT NOT NULL DEFAULT '[]',
            patientKeys TEXT NOT NULL DEFAULT '[]',
            rule TEXT,
            decision BLOB,
            pixelsReleased INTEGER NOT NULL DEFAULT 0
        );
        CREATE INDEX studies_uid ON studies(studyUID, id);
        CREATE INDEX studies_state ON studies(state, rank, id);
        CREATE INDEX studies_source ON studies(source, id);
        CREATE INDEX studies_followUps ON studies(followUpOf) WHERE followUpOf IS NOT NULL;
        CREATE INDEX studies_sweep ON studies(finishedAt) WHERE finishedAt IS NOT NULL AND sweptAt IS NULL;

        CREATE TABLE instances (
            id INTEGER PRIMARY KEY,
            studyID INTEGER NOT NULL REFERENCES studies(id),
            sopInstanceUID TEXT NOT NULL,
            sopClassUID TEXT NOT NULL,
            seriesUID TEXT NOT NULL,
            transferSyntax TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            digest TEXT NOT NULL,
            spoolKey TEXT NOT NULL,
            receivedAt REAL NOT NULL,
            header BLOB NOT NULL, -- empty: nobody asks for it, and to drop it would rewrite a large table
            state TEXT NOT NULL
        );
        -- Once, while its file is here: what was swept may come again and is then received anew.
        CREATE UNIQUE INDEX instances_once ON instances(sopInstanceUID) WHERE state = 'stored';
        CREATE INDEX instances_study ON instances(studyID, id);
        CREATE UNIQUE INDEX instances_file ON instances(spoolKey);

        -- What a lane proposes without reading every instance.
        CREATE TABLE study_contexts (
            studyID INTEGER NOT NULL REFERENCES studies(id),
            sopClassUID TEXT NOT NULL,
            transferSyntax TEXT NOT NULL,
            PRIMARY KEY (studyID, sopClassUID, transferSyntax)
        ) WITHOUT ROWID;
        """

    private static let transfers = """
        CREATE TABLE transfers (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            studyID INTEGER REFERENCES studies(id),
            reportID INTEGER REFERENCES reports(id),
            destination TEXT NOT NULL,
            profile TEXT NOT NULL,
            rule TEXT,
            state TEXT NOT NULL,
            rank INTEGER NOT NULL,
            priority TEXT NOT NULL,
            createdAt REAL NOT NULL,
            startedAt REAL, finishedAt REAL, nextAttemptAt REAL,
            attempts INTEGER NOT NULL DEFAULT 0,
            failures INTEGER NOT NULL DEFAULT 0,
            failure TEXT,
            pseudonymousStudyUID TEXT,
            bytes INTEGER NOT NULL,
            bytesSent INTEGER NOT NULL DEFAULT 0,
            -- Counts of transfer_instances by state, kept by triggers: nothing counts thousands of rows per object.
            instances INTEGER NOT NULL DEFAULT 0,
            waiting INTEGER NOT NULL DEFAULT 0,
            claimed INTEGER NOT NULL DEFAULT 0,
            acknowledged INTEGER NOT NULL DEFAULT 0,
            held INTEGER NOT NULL DEFAULT 0,
            cancelled INTEGER NOT NULL DEFAULT 0
        );
        -- Only what a lane could take, in the order in which it is taken: a claim's cost does not grow with history.
        CREATE INDEX transfers_claimable ON transfers(destination, rank, createdAt, id, nextAttemptAt)
            WHERE waiting > 0 AND state IN ('waiting', 'active', 'deferred');
        CREATE INDEX transfers_open ON transfers(destination, state)
            WHERE state IN ('waiting', 'active', 'deferred', 'held');
        CREATE INDEX transfers_study ON transfers(studyID, id);
        CREATE INDEX transfers_report ON transfers(reportID) WHERE reportID IS NOT NULL;
        CREATE INDEX transfers_held ON transfers(studyID) WHERE held > 0;
        CREATE INDEX transfers_state ON transfers(state, id);
        CREATE INDEX transfers_destination ON transfers(destination, id);
        CREATE INDEX transfers_pseudonym ON transfers(pseudonymousStudyUID) WHERE pseudonymousStudyUID IS NOT NULL;

        CREATE TABLE transfer_instances (
            id INTEGER PRIMARY KEY,
            transferID INTEGER NOT NULL REFERENCES transfers(id),
            instanceID INTEGER REFERENCES instances(id),
            reportID INTEGER REFERENCES reports(id),
            state TEXT NOT NULL,
            marks INTEGER NOT NULL DEFAULT 0,
            attempts INTEGER NOT NULL DEFAULT 0,
            lastStatus INTEGER,
            failure TEXT,
            claimedBy TEXT,
            claimedAt REAL,
            acknowledgedAt REAL,
            CHECK ((instanceID IS NULL) <> (reportID IS NULL))
        );
        CREATE UNIQUE INDEX transfer_instances_once ON transfer_instances(transferID, instanceID);
        CREATE INDEX transfer_instances_waiting ON transfer_instances(transferID, attempts, id)
            WHERE state = 'waiting';
        CREATE INDEX transfer_instances_claimed ON transfer_instances(id) WHERE state = 'claimed';
        CREATE INDEX transfer_instances_held ON transfer_instances(transferID, id) WHERE state = 'held';

        CREATE TABLE attempts (
            id INTEGER PRIMARY KEY,
            transferID INTEGER NOT NULL REFERENCES transfers(id),
            destination TEXT NOT NULL,
            lane INTEGER NOT NULL,
            session TEXT NOT NULL,
            startedAt REAL NOT NULL,
            endedAt REAL,
            acknowledged INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0,
            seconds REAL NOT NULL DEFAULT 0,
            failure TEXT
        );
        CREATE UNIQUE INDEX attempts_once ON attempts(transferID, session, lane);

        CREATE TABLE destinations (
            destination TEXT PRIMARY KEY,
            lastAcknowledgedAt REAL,
            acknowledgedInstances INTEGER NOT NULL DEFAULT 0,
            acknowledgedBytes INTEGER NOT NULL DEFAULT 0,
            lastFailure TEXT,
            lastFailureAt REAL
        ) WITHOUT ROWID;
        """

    private static let reports = """
        CREATE TABLE reports (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            reader TEXT NOT NULL,
            transferID INTEGER REFERENCES transfers(id),
            studyID INTEGER REFERENCES studies(id),
            sopInstanceUID TEXT NOT NULL,
            sopClassUID TEXT NOT NULL,
            transferSyntax TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            digest TEXT NOT NULL,
            spoolKey TEXT NOT NULL UNIQUE,
            restoredSpoolKey TEXT UNIQUE, restoredDigest TEXT, restoredBytes INTEGER, restoredTransferSyntax TEXT,
            restoredSOPInstanceUID TEXT,
            state TEXT NOT NULL,
            holdCode TEXT, holdDetail TEXT, holdHint TEXT, heldBy TEXT,
            released TEXT NOT NULL DEFAULT '[]',
            receivedAt REAL NOT NULL,
            restoredAt REAL, deliveredAt REAL, sweptAt REAL,
            completion TEXT NOT NULL DEFAULT '',
            verification TEXT NOT NULL DEFAULT '',
            preliminary TEXT NOT NULL DEFAULT '',
            predecessors TEXT NOT NULL DEFAULT '[]'
        );
        CREATE UNIQUE INDEX reports_once ON reports(reader, sopInstanceUID);
        CREATE INDEX reports_state ON reports(state, id);
        CREATE INDEX reports_study ON reports(studyID, id);
        CREATE INDEX reports_transfer ON reports(transferID);
        CREATE INDEX reports_sweep ON reports(deliveredAt) WHERE deliveredAt IS NOT NULL AND sweptAt IS NULL;

        CREATE TABLE polls (
            transferID INTEGER PRIMARY KEY REFERENCES transfers(id),
            nextPollAt REAL NOT NULL,
            polls INTEGER NOT NULL DEFAULT 0,
            firstAt REAL NOT NULL,
            lastFailure TEXT,
            state TEXT NOT NULL
        );
        CREATE INDEX polls_due ON polls(nextPollAt) WHERE state = 'open';
        """

    /// `UID.pseudonymMark` of the images that were planned to go out, so that a report about another patient's is known
    /// for one. The pair itself is computed by the vault, and stands nowhere.
    private static let instancePseudonyms = """
        CREATE TABLE instance_pseudonyms (
            mark INTEGER NOT NULL,
            studyID INTEGER NOT NULL REFERENCES studies(id),
            PRIMARY KEY (mark, studyID)
        ) WITHOUT ROWID;
        CREATE INDEX instance_pseudonyms_study ON instance_pseudonyms(studyID);
        """

    private static let rest = """
        CREATE TABLE events (
            id INTEGER PRIMARY KEY,
            at REAL NOT NULL,
            studyID INTEGER REFERENCES studies(id),
            transferID INTEGER REFERENCES transfers(id),
            reportID INTEGER REFERENCES reports(id),
            kind TEXT NOT NULL,
            detail TEXT NOT NULL,
            actor TEXT NOT NULL
        );
        CREATE INDEX events_study ON events(studyID, id) WHERE studyID IS NOT NULL;
        CREATE INDEX events_report ON events(reportID, id) WHERE reportID IS NOT NULL;
        CREATE INDEX events_loose ON events(id) WHERE studyID IS NULL AND transferID IS NULL AND reportID IS NULL;

        CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        CREATE TABLE state_counts (
            subject TEXT NOT NULL,
            state TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (subject, state)
        ) WITHOUT ROWID;
        """

    private static let passageCounts = """
        CREATE TRIGGER transfer_instances_added AFTER INSERT ON transfer_instances BEGIN
            UPDATE transfers SET instances = instances + 1, waiting = waiting + (NEW.state = 'waiting'),
                held = held + (NEW.state = 'held')
            WHERE id = NEW.transferID;
        END;
        CREATE TRIGGER transfer_instances_moved AFTER UPDATE OF state ON transfer_instances
        WHEN OLD.state <> NEW.state BEGIN
            UPDATE transfers SET
                waiting = waiting + (NEW.state = 'waiting') - (OLD.state = 'waiting'),
                claimed = claimed + (NEW.state = 'claimed') - (OLD.state = 'claimed'),
                acknowledged = acknowledged + (NEW.state = 'acknowledged') - (OLD.state = 'acknowledged'),
                held = held + (NEW.state = 'held') - (OLD.state = 'held'),
                cancelled = cancelled + (NEW.state = 'cancelled') - (OLD.state = 'cancelled')
            WHERE id = NEW.transferID;
        END;
        """

    /// How often the daemon ended, without having been asked to, with an instance claimed or a study or report in hand.
    private static let underWay = """
        ALTER TABLE transfer_instances ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX transfer_instances_suspects ON transfer_instances(state) WHERE crashes > 1;
        CREATE TABLE handling (
            subject TEXT NOT NULL,
            id INTEGER NOT NULL,
            isOpen INTEGER NOT NULL,
            crashes INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (subject, id)
        ) WITHOUT ROWID;
        """

    /// Counts by state for the front page, so that it does not read all of history.
    private static func stateCounts(of table: String) -> String {
        """
        CREATE TRIGGER \(table)_counted AFTER INSERT ON \(table) BEGIN
            INSERT INTO state_counts VALUES ('\(table)', NEW.state, 1)
            ON CONFLICT DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER \(table)_recounted AFTER UPDATE OF state ON \(table) WHEN OLD.state <> NEW.state BEGIN
            UPDATE state_counts SET count = count - 1 WHERE subject = '\(table)' AND state = OLD.state;
            INSERT INTO state_counts VALUES ('\(table)', NEW.state, 1)
            ON CONFLICT DO UPDATE SET count = count + 1;
        END;
        """
    }
}
