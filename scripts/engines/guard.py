"""Ends the engines of a run whose owner died: waits for the end of its standard input, then stops what still runs."""

import shutil
import signal
import sys
from pathlib import Path

from scripts.engines.locks import Claim
from scripts.engines.places import cache_folder
from scripts.engines.run import EngineSet


def main(folder: Path, afterwards: str) -> None:
    """Wait, then clean up, unless the owner did so or a new owner has taken the folder."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    claim = Claim(folder / "owner.lock")
    if not folder.exists() or not claim.take():
        return
    EngineSet(folder, cache_folder()).stop_all()
    if afterwards == "forget":
        shutil.rmtree(folder, ignore_errors=True)
    claim.release()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
