"""Temporal's test server, which skips time: a program that the SDK itself starts and stops, once per environment."""

from pathlib import Path

from scripts.engines.maven import archives, fetch, java
from scripts.engines.progress import Say

PROFILE = "temporal-test-server"


def provision(cache: Path, tell: Say) -> Path:
    """The program to give as `test_server_existing_path`. Raises EngineError."""
    java()
    fetch(PROFILE, "Temporal test server: fetching its archives (33 MB, once)", cache, tell)
    program = cache / f"{archives(PROFILE, cache).name}.sh"
    if not program.exists():
        unfinished = program.with_suffix(".part")
        java_options = f"-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp '{archives(PROFILE, cache)}/*'"
        unfinished.write_text(f'#!/bin/sh\nexec java {java_options} io.temporal.testserver.TestServer "$1"\n')
        unfinished.chmod(0o755)
        unfinished.rename(program)
    return program
