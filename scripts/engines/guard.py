"""Ends the engines of a run whose owner died: waits for the end of its standard input, then stops what still runs."""

import shutil
import signal
import sys
import time
from pathlib import Path

from scripts.engines.locks import Claim
from scripts.engines.places import cache_folder
from scripts.engines.processes import POLL_SECONDS
from scripts.engines.run import EngineSet


def main(folder: Path, afterwards: str) -> None:
    """Wait, then clean up, unless the owner did so or a new owner has taken the folder."""
    owner = Claim(folder / "owner.lock").holder()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    claim = Claim(folder / "owner.lock")
    # The pipe may end a moment before the dying owner's lock does.
    while folder.exists() and not claim.take():
        if claim.holder() != owner:
            return
        time.sleep(POLL_SECONDS)
    if not folder.exists():
        return
    EngineSet(folder, cache_folder()).stop_all()
    if afterwards == "forget":
        shutil.rmtree(folder, ignore_errors=True)
    claim.release()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
