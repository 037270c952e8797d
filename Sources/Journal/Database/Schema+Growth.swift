// What keeps lists and figures as quick after a million studies as on the first day.

extension Schema {
    /// Indexes for lists in the order in which they are shown, and for what is asked while nothing is to be done.
    static let growth = """
        DROP INDEX studies_state;
        CREATE INDEX studies_state ON studies(state, id);
        CREATE INDEX studies_complete ON studies(rank, id) WHERE state = 'complete';
        CREATE INDEX studies_first ON studies(firstInstanceAt, id);
        CREATE INDEX studies_modalities ON studies(modalities, id);

        DROP INDEX transfers_open;
        CREATE INDEX transfers_of_state ON transfers(destination, state, id);
        CREATE INDEX transfers_of_studies ON transfers(destination, studyID) WHERE reportID IS NULL;
        -- The first of them is the oldest, and the next to come due.
        CREATE INDEX transfers_oldest ON transfers(destination, createdAt)
            WHERE state IN ('waiting', 'active', 'deferred');
        CREATE INDEX transfers_due ON transfers(destination, nextAttemptAt) WHERE nextAttemptAt IS NOT NULL;

        CREATE INDEX reports_reader ON reports(reader, id);
        """

    /// What is open for each destination, kept by triggers: `instances` waiting or claimed, and transfers `withHeld` ones.
    static let openCounts = """
        CREATE TABLE open_counts (
            destination TEXT NOT NULL,
            state TEXT NOT NULL,
            transfers INTEGER NOT NULL,
            instances INTEGER NOT NULL,
            withHeld INTEGER NOT NULL,
            PRIMARY KEY (destination, state)
        ) WITHOUT ROWID;
        \(countOpen)
        CREATE TRIGGER transfers_opened AFTER INSERT ON transfers
        WHEN NEW.state IN (\(open)) BEGIN
            INSERT INTO open_counts
            VALUES (NEW.destination, NEW.state, 1, NEW.waiting + NEW.claimed, NEW.held > 0)
            ON CONFLICT DO UPDATE SET transfers = transfers + 1, instances = instances + excluded.instances,
                withHeld = withHeld + excluded.withHeld;
        END;
        -- A claim changes neither sum, so that only an acknowledgement pays for it.
        CREATE TRIGGER transfers_open_instances AFTER UPDATE OF waiting, claimed, held ON transfers
        WHEN OLD.state = NEW.state AND NEW.state IN (\(open))
            AND (OLD.waiting + OLD.claimed <> NEW.waiting + NEW.claimed OR (OLD.held > 0) <> (NEW.held > 0)) BEGIN
            UPDATE open_counts SET
                instances = instances + NEW.waiting + NEW.claimed - OLD.waiting - OLD.claimed,
                withHeld = withHeld + (NEW.held > 0) - (OLD.held > 0)
            WHERE destination = NEW.destination AND state = NEW.state;
        END;
        CREATE TRIGGER transfers_open_moved AFTER UPDATE OF state ON transfers WHEN OLD.state <> NEW.state BEGIN
            UPDATE open_counts SET transfers = transfers - 1, instances = instances - OLD.waiting - OLD.claimed,
                withHeld = withHeld - (OLD.held > 0)
            WHERE destination = OLD.destination AND state = OLD.state;
            INSERT INTO open_counts
            SELECT NEW.destination, NEW.state, 1, NEW.waiting + NEW.claimed, NEW.held > 0
                WHERE NEW.state IN (\(open))
            ON CONFLICT DO UPDATE SET transfers = transfers + 1, instances = instances + excluded.instances,
                withHeld = withHeld + excluded.withHeld;
        END;
        """

    static let open = "'waiting', 'active', 'deferred', 'held'"

    /// From the transfers themselves.
    static let countOpen = """
        INSERT INTO open_counts
        SELECT destination, state, count(*), sum(waiting + claimed), sum(held > 0) FROM transfers
        WHERE state IN (\(open)) GROUP BY destination, state;
        """
}
