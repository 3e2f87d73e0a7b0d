"""Choice of loopback ports.

Ports lie below the range from which the kernel takes the local end of outgoing connections: while a killed engine is
down, its clients knock at its port, and inside that range such an attempt can be given the port itself and block the
restart.
"""

import random
import socket
import sys
from collections.abc import Callable, Collection

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


class PortClaims:
    """Ports that are spoken for before anybody listens on them: what two starts in the same second must not share.

    A claim is a name in the kernel's abstract socket namespace, so it spans checkouts and users and ends with this
    process, however it dies. Systems without that namespace know no claims: there, whoever binds first has the port.
    """

    def __init__(self) -> None:
        self._held: list[socket.socket] = []

    def take(self, port: int) -> bool:
        """Claim it; False when another living process has."""
        if sys.platform != "linux":
            return True
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0taskflow-port-{port}")
        except OSError:
            claim.close()
            return False
        self._held.append(claim)
        return True

    def release(self) -> None:
        """Give all of them back; safe to call twice."""
        while self._held:
            self._held.pop().close()


def choose(
    names: Collection[str], remembered: dict[str, int], claim: Callable[[int], bool] = lambda port: True
) -> dict[str, int]:
    """One port per name: the remembered one while it is free and can be claimed, else a new one."""
    chosen: dict[str, int] = {}
    for name in names:
        port = remembered.get(name)
        while port is None or port in chosen.values() or not is_free(port) or not claim(port):
            port = free_port(chosen.values())
        chosen[name] = port
    return chosen
