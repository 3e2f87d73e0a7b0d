"""`python -m subgraphs.task` serves; `migrate` brings the database up to date; `sdl` prints the schema."""

import argparse
import asyncio

from kit.graphql import sdl
from kit.lifecycle import run
from kit.settings import load
from subgraphs.task.app import service
from subgraphs.task.schema.root import build_schema
from subgraphs.task.settings import MigrationSettings, TaskSettings
from subgraphs.task.store.migrate import migrate


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m subgraphs.task", description="The task subgraph.")
    parser.add_argument("command", nargs="?", choices=("serve", "migrate", "sdl"), default="serve")
    command = parser.parse_args().command
    if command == "sdl":
        print(sdl(build_schema()), end="")
    elif command == "migrate":
        settings = load(MigrationSettings)
        for name in asyncio.run(migrate(settings.postgres_owner_url, settings.postgres_url)):
            print(f"applied {name}")
    else:
        run(service(load(TaskSettings)))


if __name__ == "__main__":
    main()
