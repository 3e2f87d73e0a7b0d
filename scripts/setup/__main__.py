"""Checks the machine, makes the environment, then becomes the wanted module inside it: `-m scripts.setup MODULE ARGS`.

The long downloads and builds begin beside the installation of the packages: they need nothing of it.
"""

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.engines import temporal, temporal_test_server
from scripts.engines.engine import EngineError
from scripts.engines.kafka import Kafka
from scripts.engines.maven import archives
from scripts.engines.places import cache_folder
from scripts.engines.progress import Say, say
from scripts.setup import environment
from scripts.setup.machine import GO, JAVA, MAVEN, NODE, NPM, Tool, missing

WITHOUT_ENGINES = {"unit", "lint", "--help", "-h"}
Provision = Callable[[Path, Say], object]


def needs(module: str, words: Sequence[str], cache: Path) -> tuple[list[Tool], list[Provision]]:
    """The tools and the downloads that `module` with these words still needs, given what `cache` has."""
    if module.startswith("scripts.ops") or (words and set(words) <= WITHOUT_ENGINES):
        return [], []
    tests = module == "scripts.suites"
    profiles = ["kafka", temporal_test_server.PROFILE] if tests else ["kafka"]
    tools = [JAVA]
    if not all(archives(profile, cache).exists() for profile in profiles):
        tools.append(MAVEN)
    if not temporal.is_provisioned(cache):
        tools.append(GO)
    downloads: list[Provision] = []
    if not os.environ.get("TASKFLOW_KAFKA_BOOTSTRAP"):
        downloads.append(Kafka().provision)
    if not os.environ.get("TASKFLOW_TEMPORAL_ADDRESS"):
        downloads.append(temporal.provision)
    if tests:
        tools += [NODE, NPM]
        downloads.append(temporal_test_server.provision)
    return tools, downloads


def main(module: str, words: Sequence[str]) -> None:
    """Does not return: this process becomes `module`, or ends with 2 and one line per thing that is missing."""
    tools, downloads = needs(module, words, cache_folder())
    absent = missing(tools, os.environ)
    if absent:
        sys.exit("\n".join([*absent, "(nothing was changed)"]))
    try:
        with ThreadPoolExecutor(max_workers=len(downloads) + 1) as pool:
            ready = pool.submit(environment.ensure)
            others = [pool.submit(download, cache_folder(), say) for download in downloads]
            python = ready.result()
            for other in others:
                other.result()
    except (environment.SetupError, EngineError) as error:
        sys.exit(str(error))
    os.execv(python, [str(python), "-m", module, *words])  # noqa: S606 (no shell is wanted)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
