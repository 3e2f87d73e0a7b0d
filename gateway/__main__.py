"""`python -m gateway COMMAND`: finds the command's module, which does the rest.

Invariant: a command's module is imported only when it is asked for, so that `compose` starts without a server's
libraries.
"""

from __future__ import annotations

import sys
from importlib import import_module

COMMANDS = {
    "compose": "compose subgraphs into a supergraph",
    "plan": "show how an operation is answered from a supergraph's subgraphs",
    "check": "say whether subgraphs compose, and whether a supergraph file is current",
    "serve": "serve a supergraph, a list of subgraphs, or this product",
}


def main(arguments: list[str]) -> int:
    """Runs one command; returns its exit status, 2 for a command that does not exist."""
    name, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if name not in COMMANDS:
        listing = "\n".join(f"  {command:<10}{purpose}" for command, purpose in COMMANDS.items())
        print(f"usage: python -m gateway COMMAND ...\n\ncommands:\n{listing}", file=sys.stderr)
        return 0 if name in ("-h", "--help") else 2
    command = import_module(f"gateway.commands.{name}")
    status: int = command.main(rest)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
