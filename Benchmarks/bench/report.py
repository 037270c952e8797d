"""Floors, and tables for people."""

# The floors that the project sets itself: docs/performance.md.
SHARE_OF_STORESCP = 1 / 3
DAEMON_MB = 150
WORKER_MB = 50


def floors(result):
    receivers = result["receive_1"]["receivers"]
    share, preserving = (receivers[name]["antipode_to_this"]["median"] for name in ("storescp", "storescp +B"))
    memory = result["memory"]
    daemon, worker = memory["daemon_resident_MB"], memory["largest_worker_private_MB"]
    return [
        {"floor": "one association, against storescp", "at_least": round(SHARE_OF_STORESCP, 2), "is": share,
         "kept": share >= SHARE_OF_STORESCP},
        {"floor": "one association, against storescp +B", "at_least": round(SHARE_OF_STORESCP, 2), "is": preserving,
         "kept": preserving >= SHARE_OF_STORESCP},
        {"floor": "daemon resident, MB", "at_most": DAEMON_MB, "is": daemon, "kept": daemon < DAEMON_MB},
        {"floor": "each worker private, MB", "at_most": WORKER_MB, "is": worker, "kept": worker < WORKER_MB},
    ]


def _table(rows, say):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        first, *rest = row
        line = first.ljust(widths[0]) + "".join("   " + cell.rjust(width) for cell, width in zip(rest, widths[1:]))
        say("   " + line.rstrip())


def _span(figures, digits=0):
    return f"{figures['median']:.{digits}f} ({figures['min']:.{digits}f}–{figures['max']:.{digits}f})"


def show(result, say):
    about = result["machine"]
    say(f"\n{about['cores']} cores ({about['processor']}), {about['memory_GiB']} GiB, Linux {about['kernel']}, "
        f"{about['file_system'].split()[0]}; load {result['load_at_start']} at the start")
    disk = result["disk"]
    for title, key in (("write + fsync of 512 KiB", "write_fsync_512KiB"),
                       ("the whole order of durability, no DICOM", "write_fsync_rename_folder_log")):
        say(f"   {title}: p50 {disk[key]['p50_ms']} ms, p99 {disk[key]['p99_ms']} ms")
    for key in ("receive_1", "receive_8"):
        part = result[key]
        say(f"\nReceiving {part['instances']} CT slices, associations: {part['associations']}")
        rows = [("receiver", "instances/s", "MB/s", "Antipode : this")]
        for name, figures in part["receivers"].items():
            rows.append((name, _span(figures["instances_per_s"]), f"{figures['MB_per_s']:.0f}",
                         _span(figures["antipode_to_this"], 2)))
        _table(rows, say)
    way, memory = result["whole_way"], result["memory"]
    say(f"\nThe whole way, {way['instances']} CT slices, {way['lanes']} lanes over TLS")
    _table([
        ("received, instances/s", _span(way["received_per_s"])),
        ("de-identified, guarded and forwarded, instances/s", _span(way["forwarded_per_s"])),
        ("… for each second of processor time in workers", _span(way["forwarded_per_processor_second_of_workers"])),
    ], say)
    say(f"\nOne object of {memory['object_MB']} MB, received ({memory['received_MB_per_s']} MB/s) and forwarded "
        f"({memory['forwarded_MB_per_s']} MB/s)")
    _table([
        ("daemon, resident, at most", f"{memory['daemon_resident_MB']} MB"),
        ("largest worker, private, at most", f"{memory['largest_worker_private_MB']} MB"),
    ], say)
    say("\nFloors")
    _table([(floor["floor"], f"{floor['is']}", "kept" if floor["kept"] else "MISSED") for floor in result["floors"]],
           say)
