"""Where engines live on disk: the checkout, its state folder, the cache of downloads.

The state folder is ignored by git; nothing outside it (and the cache, which may be moved) is ever written.
"""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
DEFINITIONS = Path(__file__).resolve().parent


def state_folder() -> Path:
    """Everything this checkout keeps on this machine; `TASKFLOW_STATE` moves it. Safe to delete while nothing runs."""
    elsewhere = os.environ.get("TASKFLOW_STATE")
    return Path(elsewhere).resolve() if elsewhere else CHECKOUT / ".taskflow"


def cache_folder() -> Path:
    """Downloads and builds; `TASKFLOW_CACHE` lets several checkouts share one."""
    elsewhere = os.environ.get("TASKFLOW_CACHE")
    return Path(elsewhere).resolve() if elsewhere else state_folder() / "cache"
