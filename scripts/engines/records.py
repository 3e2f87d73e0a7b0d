"""Records of running processes on disk: whoever finds one can tell whether its process lives, and end it."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.engines.processes import ProcessId, is_alive, terminate

DRAIN_SECONDS = 35.0


def write_record(path: Path, process: ProcessId) -> None:
    """Remember `process` at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps({"pid": process.pid, "started": process.started}))
    unfinished.rename(path)


def recorded(path: Path) -> ProcessId | None:
    """The living process remembered at `path`."""
    try:
        record = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    process = ProcessId(int(record["pid"]), str(record["started"]))
    return process if is_alive(process) else None


def end_recorded(folder: Path) -> None:
    """End every process remembered in `folder`, all at once, and forget them."""
    records = sorted(folder.glob("*.json"))
    living = [process for record in records if (process := recorded(record)) is not None]
    with ThreadPoolExecutor(max_workers=len(living) or 1) as pool:
        list(pool.map(lambda process: terminate(process, grace=DRAIN_SECONDS), living))
    for record in records:
        record.unlink(missing_ok=True)
