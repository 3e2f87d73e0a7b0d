"""Choice of loopback ports.

Ports lie below the range from which the kernel takes the local end of outgoing connections: while a killed engine is
down, its clients knock at its port, and inside that range such an attempt can be given the port itself and block the
restart.
"""

import random
import socket
from collections.abc import Collection

LOWEST, HIGHEST = 20_000, 31_999
LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def is_open(port: int) -> bool:
    """Whether a server accepts connections on `port` now."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1.0):
            return True
    except OSError:
        return False


def free_port(taken: Collection[int] = (), rng: random.Random | None = None) -> int:
    """A port that nobody listens on and that is not in `taken`."""
    choice = rng or random.SystemRandom()
    for _ in range(2_000):
        port = choice.randint(LOWEST, HIGHEST)
        if port not in taken and is_free(port):
            return port
    raise RuntimeError(f"no free port between {LOWEST} and {HIGHEST} on {LOOPBACK}")


def choose(names: Collection[str], remembered: dict[str, int]) -> dict[str, int]:
    """One port per name: the remembered one while it is free, else a new one."""
    chosen: dict[str, int] = {}
    for name in names:
        before = remembered.get(name)
        usable = before is not None and before not in chosen.values() and is_free(before)
        chosen[name] = before if usable and before is not None else free_port(chosen.values())
    return chosen
