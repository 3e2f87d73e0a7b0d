"""Java archives from Maven: one profile of `pom.xml` becomes one folder of archives."""

import shutil
from pathlib import Path

from scripts.engines.engine import EngineError
from scripts.engines.once import fingerprint, make_once, run_tool
from scripts.engines.places import DEFINITIONS
from scripts.engines.progress import Say

NEEDS_MAVEN = "Maven is missing: apt-get install maven (or https://maven.apache.org)"
NEEDS_JAVA = "Java 17 or newer is missing: apt-get install openjdk-17-jre-headless"


def archives(profile: str, cache: Path) -> Path:
    """Where the archives of `profile` lie, fetched or not."""
    return cache / f"{profile}-{fingerprint(DEFINITIONS / 'pom.xml')}"


def fetch(profile: str, what: str, cache: Path, tell: Say) -> Path:
    """Fetch the archives of `profile` unless they are there."""

    def fill(folder: Path) -> None:
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={folder}", "-DincludeScope=runtime"]
        pom = DEFINITIONS / "pom.xml"
        run_tool(["mvn", "-B", "-q", "-f", str(pom), f"-P{profile}", *goal], cwd=folder, needs=NEEDS_MAVEN)

    return make_once(archives(profile, cache), what, fill, tell)


def java() -> str:
    """The Java launcher on PATH. Raises EngineError."""
    found = shutil.which("java")
    if found is None:
        raise EngineError(NEEDS_JAVA)
    return found
