"""What the machine must bring itself: each missing tool is one line that says how to get it."""

import re
import shutil
import subprocess
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A program, the oldest version that serves, and how to get it."""

    name: str
    command: tuple[str, ...]
    oldest: Version
    remedy: str
    replaced_by: str = ""  # a setting that makes it unnecessary


JAVA = Tool(
    "Java (JRE) 17 or newer",
    ("java", "-version"),
    (17,),
    "apt-get install openjdk-17-jre-headless (or https://adoptium.net)",
    replaced_by="TASKFLOW_KAFKA_BOOTSTRAP",
)
MAVEN = Tool(
    "Maven 3.6 or newer",
    ("mvn", "-version"),
    (3, 6),
    "apt-get install maven (or https://maven.apache.org)",
    replaced_by="TASKFLOW_KAFKA_BOOTSTRAP",
)
GO = Tool(
    "Go 1.21 or newer",
    ("go", "version"),
    (1, 21),
    "https://go.dev/dl (or apt-get install golang on a recent system)",
    replaced_by="TASKFLOW_TEMPORAL_ADDRESS",
)
NODE = Tool("Node.js 18 or newer", ("node", "--version"), (18,), "apt-get install nodejs (or https://nodejs.org)")
NPM = Tool("npm 8 or newer", ("npm", "--version"), (8,), "apt-get install npm (it comes with https://nodejs.org)")


def output_of(command: tuple[str, ...]) -> str | None:
    """What the command prints; None when it is not installed or fails."""
    if shutil.which(command[0]) is None:
        return None
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr if done.returncode == 0 else None


def version_in(text: str) -> Version | None:
    """The first version number in what a tool prints about itself."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)  # Maven prints its name in bold
    found = re.search(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", plain)
    return tuple(int(part) for part in found.groups() if part is not None) if found else None


def missing(
    tools: Collection[Tool],
    settings: Mapping[str, str],
    ask: Callable[[tuple[str, ...]], str | None] = output_of,
) -> list[str]:
    """One line per tool that is absent or too old, unless a setting replaces what it is for."""
    lines = []
    for tool in tools:
        if tool.replaced_by and settings.get(tool.replaced_by):
            continue
        answer = ask(tool.command)
        version = version_in(answer) if answer is not None else None
        if version is None:
            lines.append(f"{tool.name} is missing: {tool.remedy}")
        elif version < tool.oldest:
            found = ".".join(map(str, version))
            lines.append(f"{tool.name} is needed, found {found}: {tool.remedy}")
    return lines
