"""A journal with a past: studies that came, went, were swept and pruned, and others that wait. The program makes the empty
journal, so that its schema is the program's own; what stands in it here is what the program's own steps leave behind
(Sources/Journal/Steps; `Tests/Path/test_history.py` compares).

Triggers and indexes are set aside while rows are written, and put back in the program's own words; what triggers count is
counted here.
"""

import json
import os
import sqlite3
import time
from io import BytesIO
from pathlib import Path

import xxhash
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

DAY = 86_400
SLICE_BYTES = 526_000
CT, SR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.88.33"
EXPLICIT = "1.2.840.10008.1.2.1"
READER, PACS = "reader", "pacs"
PROFILE = "pseudonymous 113100 113103 113104 113105 113106 113108 113111"
RULE = "everything to the reader"
#: ext4 has room for 65,000 names of one file.
NAMES_PER_FILE = 60_000

TERMS = json.dumps({
    "aeTitle": "READER", "agreement": "trial", "country": "AU", "destination": READER, "ground": "",
    "host": "127.0.0.1", "identity": "pseudonymous", "options": ["113103", "113104", "113105", "113106", "113108", "113111"],
    "profileVersion": "PS3.15 2026a", "role": "reader", "space": "site"}, sort_keys=True)
RESULT = '{"classes":{"%s":%%d},"heldByGuard":0,"heldOtherwise":0,"heldUnseen":0,"unconfirmed":0}' % CT
DECISION = json.dumps({"destinations": [READER], "rule": RULE, "trace": [{"rule": RULE, "met": True, "why": "x" * 80}]})

_UID = "('2.25.' || (1000000000000000000 + abs(random() % 8000000000000000000)) || (1000000000 + abs(random() % 8000000000)))"
_KEY = "lower(hex(randomblob(16)))"
_DIGEST = "lower(hex(randomblob(32)))"


class History:
    """`passed` studies of `images` each, the newest `recent` of them swept and not pruned yet; `waiting` studies of
    `waiting_images` each, which are planned and wait for the reader."""

    def __init__(self, passed, waiting, images=50, waiting_images=10, recent=0, say=lambda text: None):
        self.passed, self.waiting, self.images, self.waiting_images = passed, waiting, images, waiting_images
        self.recent, self.say = min(recent, passed), say
        self.content = _smallest_object()

    def write(self, journal, spool=None):
        """Into an empty journal that nobody has open; with `spool`, every image that waits gets a file. Gives the bytes of the
        journal that each passed and each waiting study takes."""
        database = sqlite3.connect(journal, isolation_level=None)
        if database.execute("SELECT count(*) FROM studies").fetchone()[0]:
            raise RuntimeError("the journal is not empty")
        database.executescript("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;"
                               "PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY;")
        kept = database.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL").fetchall()
        database.execute("BEGIN")
        for kind, name, _ in kept:
            database.execute(f"DROP {kind} {name}")
        start = self._pages(database)
        self._passed(database)
        self.say(f"   {self.passed} studies that have passed are written")
        self._waiting(database)
        self._sums(database)
        for kind, name, sql in sorted(kept):
            database.execute(sql)
        database.execute("COMMIT")
        sizes = self._shares(database, start)
        database.execute("PRAGMA journal_mode = WAL")
        if spool:
            self._files(database, Path(spool))
        database.close()
        return sizes

    @staticmethod
    def _pages(database):
        pages, free, size = (
            database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size"))
        return (pages - free) * size

    def _shares(self, database, start):
        """What a passed and what a waiting study takes, indexes included, by the number of rows that each has in a table."""
        total = self._pages(database) - start
        per_table = {}
        try:
            for name, size in database.execute(
                    "SELECT COALESCE(m.tbl_name, s.name), sum(s.pgsize) FROM dbstat s LEFT JOIN sqlite_master m"
                    " ON m.name = s.name GROUP BY 1"):
                per_table[name] = size
        except sqlite3.OperationalError:
            # An SQLite without dbstat.
            return {"bytes": total}
        passed = waiting = 0
        for table, size in per_table.items():
            if not table.startswith(("sqlite_", "grdb_")):
                share = self._share_of_waiting(database, table)
                waiting += size * share
                passed += size * (1 - share)
        return {
            "bytes": total, "per_passed_study": round(passed / max(self.passed, 1)),
            "per_waiting_study": round(waiting / max(self.waiting, 1))}

    def _share_of_waiting(self, database, table):
        first_study, first_transfer = self.passed, 2 * self.passed
        column = {
            "studies": f"id > {first_study}", "transfers": f"id > {first_transfer}",
            "instances": f"studyID > {first_study}", "study_contexts": f"studyID > {first_study}",
            "instance_pseudonyms": f"studyID > {first_study}", "events": f"studyID > {first_study}",
            "transfer_instances": f"transferID > {first_transfer}"}.get(table)
        if column is None:
            return 0
        some, all_ = database.execute(f"SELECT total({column}), count(*) FROM {table}").fetchone()
        return some / all_ if all_ else 0

    # What has passed

    def _passed(self, database):
        now = time.time()
        count, recent = self.passed, self.recent
        old = max(count - recent, 0)

        def moments(first, number, begin, end):
            """When study `i` came: even between two moments."""
            step = (end - begin) / max(number, 1)
            return f"({begin!r} + (i - {first}) * {step!r})"

        spans = []
        if old:
            spans.append((1, old, moments(1, old, now - 1095 * DAY, now - 200 * DAY), True))
        if recent:
            spans.append((old + 1, count, moments(old + 1, recent, now - 170 * DAY, now - 10 * DAY), False))
        for first, last, at, pruned in spans:
            series = f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})"
            swept, prune = f"{at} + 8 * {DAY}", f"{at} + 190 * {DAY}" if pruned else "NULL"
            size = self.images * SLICE_BYTES
            database.execute(
                f"{series} INSERT INTO studies (id, studyUID, sequence, source, calledAE, state, rank, priority,"
                f" firstInstanceAt, lastInstanceAt, completedAt, plannedAt, finishedAt, sweptAt, prunedAt, instanceCount, bytes,"
                f" modalities, bodyParts, patientKeys, rule, decision)"
                f" SELECT i, {_UID}, 1, 'modality', 'ANTIPODE', 'delivered', 2, 'ROUTINE', {at}, {at} + 20, {at} + 50,"
                f" {at} + 51, {at} + 90, {swept}, {prune}, {self.images}, {size}, '[\"CT\"]', '[\"CHEST\"]',"
                f" '[\"' || {_DIGEST} || '\"]', ?, CAST(? AS BLOB) FROM n", (RULE, DECISION))
            database.execute(
                f"{series} INSERT INTO transfers (id, studyID, destination, profile, rule, state, rank, priority, createdAt,"
                f" startedAt, finishedAt, attempts, pseudonymousStudyUID, bytes, bytesSent, instances, acknowledged, space)"
                f" SELECT i, i, ?, ?, ?, 'acknowledged', 2, 'ROUTINE', {at} + 51, {at} + 51, {at} + 90, 4, {_UID}, {size},"
                f" {size}, {self.images}, {self.images}, 'site' FROM n", (READER, PROFILE, RULE))
            self._reports(database, series, at)
            self._events(database, series, at)
            database.execute(
                f"{series}, l(lane) AS (VALUES (1), (2), (3), (4)) INSERT INTO attempts (transferID, destination, lane, session,"
                f" startedAt, endedAt, acknowledged, bytes, seconds) SELECT i, ?, lane, '1n4q8zs0f7h2k-' || i, {at} + 51,"
                f" {at} + 90, {self.images} / 4, {size} / 4, 30 FROM n, l", (READER,))
            database.execute(
                f"{series} INSERT INTO attempts (transferID, destination, lane, session, startedAt, endedAt, acknowledged,"
                f" bytes, seconds) SELECT {count} + i, ?, 1, '1n4q8zs0f7h2k-r' || i, {at} + 3700, {at} + 3701, 1, 4000, 0.1"
                " FROM n", (PACS,))
            database.execute(
                f"{series} INSERT INTO disclosures (transferID, at, terms) SELECT i, {at} + 51, ? FROM n", (TERMS,))
            database.execute(
                f"{series} INSERT INTO polls (transferID, nextPollAt, polls, firstAt, state)"
                f" SELECT i, {at} + 3600, 3, {at} + 90, 'done' FROM n")
            if pruned:
                database.execute(
                    f"{series} INSERT INTO disclosure_results SELECT i, ? FROM n", (RESULT % self.images,))
            else:
                self._images(database, first, last, self.images, at, "swept", "acknowledged")

    def _reports(self, database, series, at):
        count = self.passed
        database.execute(
            f"{series} INSERT INTO reports (id, reader, transferID, studyID, sopInstanceUID, sopClassUID, transferSyntax, bytes,"
            f" digest, spoolKey, restoredSpoolKey, restoredDigest, restoredBytes, restoredTransferSyntax, state, receivedAt,"
            f" restoredAt, deliveredAt, sweptAt, completion, verification)"
            f" SELECT i, ?, i, i, {_UID}, '{SR}', '{EXPLICIT}', 4000, {_DIGEST}, {_KEY}, {_KEY}, {_DIGEST}, 4100, '{EXPLICIT}',"
            f" 'delivered', {at} + 3600, {at} + 3601, {at} + 3701, {at} + 8 * {DAY}, 'COMPLETE', 'VERIFIED' FROM n", (READER,))
        database.execute(
            f"{series} INSERT INTO transfers (id, studyID, reportID, destination, profile, state, rank, priority, createdAt,"
            f" startedAt, finishedAt, attempts, bytes, bytesSent, instances, acknowledged, space)"
            f" SELECT {count} + i, i, i, ?, 'identified', 'acknowledged', 2, 'ROUTINE', {at} + 3601, {at} + 3700,"
            f" {at} + 3701, 1, 4100, 4100, 1, 1, 'site' FROM n", (PACS,))
        database.execute(
            f"{series} INSERT INTO transfer_instances (transferID, reportID, state, attempts, lastStatus, acknowledgedAt)"
            f" SELECT {count} + i, i, 'acknowledged', 1, 0, {at} + 3701 FROM n")

    def _events(self, database, series, at):
        count = self.passed
        # kind, detail, seconds after the first image, transfer, report
        kinds = [
            ("received", "from modality", 0, "NULL", "NULL"), ("completed", f"{self.images} instances", 50, "NULL", "NULL"),
            ("planned", f"to reader by rule {RULE}", 51, "NULL", "NULL"),
            ("acknowledged", f"{self.images} instances by reader", 90, "i", "NULL"), ("delivered", "", 90, "NULL", "NULL"),
            ("reportReceived", "from reader", 3600, "NULL", "i"), ("reportMatched", "", 3600, "i", "i"),
            ("reportRestored", "to pacs", 3601, "i", "i"), ("acknowledged", "1 instance by pacs", 3701, f"{count} + i", "i"),
            ("reportDelivered", "", 3701, "NULL", "i"), ("swept", "", 8 * DAY, "NULL", "NULL"), ("swept", "", 8 * DAY, "NULL", "i")]
        for kind, detail, after, transfer, report in kinds:
            study = "NULL" if kind == "reportReceived" else "i"
            database.execute(
                f"{series} INSERT INTO events (at, studyID, transferID, reportID, kind, detail, actor)"
                f" SELECT {at} + {after}, {study}, {transfer}, {report}, ?, ?, 'antipode' FROM n", (kind, detail))

    def _images(self, database, first, last, images, at, state, passage, transfers=0):
        """Rows of single images of studies `first` to `last`, and their way to the reader by transfer `transfers` + study."""
        series = (f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}),"
                  f" m(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM m WHERE k < {images})")
        bytes_, digest = (SLICE_BYTES, None) if state == "swept" else (len(self.content[1]), self.content[2])
        highest = database.execute("SELECT COALESCE(max(id), 0) FROM instances").fetchone()[0]
        database.execute(
            f"{series} INSERT INTO instances (id, studyID, sopInstanceUID, sopClassUID, seriesUID, transferSyntax, bytes,"
            f" digest, spoolKey, receivedAt, header, state)"
            f" SELECT {highest} + (i - {first}) * {images} + k, i, {_UID}, '{CT}', '2.25.' || (5000000000000000 + i),"
            f" '{EXPLICIT}', {bytes_}, COALESCE(?, {_DIGEST}), {_KEY}, {at} + k, x'', '{state}' FROM n, m", (digest,))
        values = f"'{passage}', 1, 0, {at} + 90" if passage == "acknowledged" else f"'{passage}', 0, NULL, NULL"
        database.execute(
            f"{series} INSERT INTO transfer_instances (transferID, instanceID, state, attempts, lastStatus, acknowledgedAt)"
            f" SELECT {transfers} + i, {highest} + (i - {first}) * {images} + k, {values} FROM n, m")
        database.execute(
            f"{series} INSERT OR IGNORE INTO instance_pseudonyms SELECT random(), i FROM n, m")
        database.execute(
            f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})"
            f" INSERT INTO study_contexts SELECT i, '{CT}', '{EXPLICIT}' FROM n")

    # What waits

    def _waiting(self, database):
        if not self.waiting:
            return
        count, first, last = self.passed, self.passed + 1, self.passed + self.waiting
        begin = time.time() - DAY
        at = f"({begin!r} + (i - {first}) * {(DAY - 3600) / self.waiting!r})"
        series = f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})"
        size = self.waiting_images * len(self.content[1])
        database.execute(
            f"{series} INSERT INTO studies (id, studyUID, sequence, source, calledAE, state, rank, priority, firstInstanceAt,"
            f" lastInstanceAt, completedAt, plannedAt, instanceCount, bytes, modalities, bodyParts, patientKeys, rule, decision)"
            f" SELECT i, {_UID}, 1, 'modality', 'ANTIPODE', 'planned', 2, 'ROUTINE', {at}, {at} + 20, {at} + 50, {at} + 51,"
            f" {self.waiting_images}, {size}, '[\"CT\"]', '[\"CHEST\"]', '[\"' || {_DIGEST} || '\"]', ?, CAST(? AS BLOB) FROM n",
            (RULE, DECISION))
        database.execute(
            f"{series} INSERT INTO transfers (id, studyID, destination, profile, rule, state, rank, priority, createdAt,"
            f" pseudonymousStudyUID, bytes, instances, waiting, space) SELECT {count} + i, i, ?, ?, ?, 'waiting', 2,"
            f" 'ROUTINE', {at} + 51, {_UID}, {size}, {self.waiting_images}, {self.waiting_images}, 'site' FROM n",
            (READER, PROFILE, RULE))
        self._images(database, first, last, self.waiting_images, at, "stored", "waiting", transfers=count)
        for kind, detail, after in (("received", "from modality", 0), ("completed", f"{self.waiting_images} instances", 50),
                                    ("planned", f"to reader by rule {RULE}", 51)):
            database.execute(
                f"{series} INSERT INTO events (at, studyID, kind, detail, actor)"
                f" SELECT {at} + {after}, i, ?, ?, 'antipode' FROM n", (kind, detail))

    def _sums(self, database):
        for table in ("studies", "transfers", "reports"):
            database.execute("DELETE FROM state_counts WHERE subject = ?", (table,))
            database.execute(
                f"INSERT INTO state_counts SELECT '{table}', state, count(*) FROM {table} GROUP BY state")
        database.execute("DELETE FROM open_counts")
        database.execute(
            "INSERT INTO open_counts SELECT destination, state, count(*), sum(waiting + claimed), sum(held > 0) FROM transfers"
            " WHERE state IN ('waiting', 'active', 'deferred', 'held') GROUP BY destination, state")
        if self.passed:
            database.execute(
                "INSERT INTO destinations (destination, lastAcknowledgedAt, acknowledgedInstances, acknowledgedBytes)"
                " SELECT destination, max(finishedAt), sum(acknowledged), sum(bytesSent) FROM transfers"
                " WHERE state = 'acknowledged' GROUP BY destination")

    def _files(self, database, spool):
        """A name for each image that waits; the names of sixty thousand are one file."""
        objects = spool / "objects"
        for shelf in range(256):
            (objects / f"{shelf:02x}").mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (spool, objects):
            folder.chmod(0o700)
        source = None
        for number, (key,) in enumerate(database.execute("SELECT spoolKey FROM instances WHERE state = 'stored'")):
            path = f"{objects}/{key[:2]}/{key}.dcm"
            if number % NAMES_PER_FILE == 0:
                source = path
                Path(path).write_bytes(self.content[0])
            else:
                os.link(source, path)


def _smallest_object():
    """A CT image without pixels: the file, its data set and that one's SHA-256."""
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = CT, "2.25.1"
    data.PatientName, data.PatientID = "Phantom^Of the past", "PHANTOM-0"
    data.Modality, data.StudyInstanceUID, data.SeriesInstanceUID = "CT", "2.25.2", "2.25.3"
    data.file_meta = FileMetaDataset()
    data.file_meta.MediaStorageSOPClassUID, data.file_meta.MediaStorageSOPInstanceUID = CT, "2.25.1"
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    buffer = BytesIO()
    data.save_as(buffer, enforce_file_format=True)
    file = buffer.getvalue()
    # Preamble, DICM, and the group length of (0002,xxxx), which says where the data set begins (PS3.10 7.1).
    length = int.from_bytes(file[140:144], "little")
    content = file[144 + length:]
    return file, content, xxhash.xxh3_128_hexdigest(content)
