"""`./scripts/dev`: everything up, the demo workspace loaded, a table of URLs, and `ready`; Ctrl-C stops all."""

import argparse
import shutil
import signal
import sys
import threading
from collections.abc import Sequence

from scripts.engines import temporal
from scripts.engines.catalogue import ENGINES
from scripts.engines.engine import EngineError
from scripts.engines.locks import Claim
from scripts.engines.places import cache_folder, state_folder
from scripts.engines.progress import say, step
from scripts.engines.run import EngineSet
from scripts.stack import demo_data, table
from scripts.stack.stack import PREFERRED_PORTS, Options, Stack

FOLDER = state_folder() / "dev"


def main(words: Sequence[str]) -> int:
    """Runs until SIGINT, SIGTERM or SIGHUP; the exit code tells whether it came up."""
    options = _parser().parse_args(words)
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: over.set())
    if options.reset and not _reset():
        return 1
    stack = Stack(FOLDER, Options(options.replicas, options.engines_only, preferred_ports=PREFERRED_PORTS))
    try:
        stack.start()
        _come_up(stack, over)
        over.wait()
        return 0
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        if stack.is_owned:
            print("stopping ...", file=sys.stderr)
            stack.close()
            print("stopped", file=sys.stderr)


def _come_up(stack: Stack, over: threading.Event) -> None:
    if stack.options.engines_only:
        settings = [pair for name in ENGINES for pair in stack.engines.environment(name).items()]
        print(table.render([("Engines", settings)]))
    else:
        stack.wait_until_ready(over=over)
        print(table.render([*_places(stack), ("Demo logins", _demo_logins(stack, over))]))
    if not over.is_set():
        print("ready", flush=True)


def _places(stack: Stack) -> list[tuple[str, list[tuple[str, str]]]]:
    pages = [("Mail", stack.url("mail", "/"))]
    if any(one.name == "gateway-1" for one in stack.processes):
        gateway = [("GraphQL and GraphiQL", "/graphql"), ("REST", "/api/v1/docs")]
        pages[:0] = [(name, stack.url("gateway-1", path)) for name, path in gateway]
    if not stack.engines.is_replaced("temporal"):
        pages.append(("Temporal", temporal.ui_url(stack.engines.server("temporal").place)))
    health = [(one.name, stack.url(one.name, "/readyz")) for one in stack.processes]
    return [("Pages", pages), ("Health", health), ("Logs", [("folder", str(FOLDER / "log"))])]


def _demo_logins(stack: Stack, over: threading.Event) -> list[tuple[str, str]]:
    running = {one.role.name for one in stack.processes}
    if over.is_set() or not running >= demo_data.NEEDS:
        return []
    gateway = demo_data.Gateway(stack.url("gateway-1", "/graphql"), stack.url("mail"))
    with step("demo workspace: loading", say):
        return demo_data.load(gateway)


def _reset() -> bool:
    claim = Claim(FOLDER / "owner.lock")
    if not claim.take():
        print(f"already running (process {claim.holder()}): stop it before its state is forgotten", file=sys.stderr)
        return False
    EngineSet(FOLDER, cache_folder()).stop_all()
    shutil.rmtree(FOLDER)
    claim.release()
    say("the state of earlier starts is forgotten")
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./scripts/dev", description="The whole product on this machine.")
    parser.add_argument("--reset", action="store_true", help="forget the state of earlier starts (not the downloads)")
    parser.add_argument(
        "--engines-only", action="store_true", help="only the engines, with the settings that find them"
    )
    parser.add_argument(
        "--replicas", type=_at_least_one, default=1, metavar="N", help="how many of each process of ours"
    )
    return parser


def _at_least_one(word: str) -> int:
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word} is not a number from 1 on")
    return int(word)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
