"""One URL of a subgraph, taken apart once; a URL that could not be called is refused here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.executor.ports import Headers

_TOKEN = re.compile(r"^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$")
_FORBIDDEN = re.compile(r"[\x00\r\n]")


class UnusableUrl(ValueError):
    """The text is not an absolute http(s) URL."""


class UnusableHeader(ValueError):
    """A header's name or value could end the header early."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a POST goes and the constant first part of its head."""

    url: str
    host: str
    port: int
    secure: bool
    head: bytes

    @classmethod
    def parse(cls, url: str) -> Endpoint:
        """Raises UnusableUrl."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise UnusableUrl(f"{url!r}: {error}") from None
        if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s\x00-\x1f]", url):
            raise UnusableUrl(f"{url!r} is not an absolute http(s) URL")
        secure = parts.scheme == "https"
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        head = (
            f"POST {target} HTTP/1.1\r\nhost: {host if port is None else f'{host}:{port}'}\r\n"
            "content-type: application/json\r\naccept: application/json\r\n"
        )
        return cls(url, parts.hostname, port or (443 if secure else 80), secure, head.encode("ascii", "strict"))


def encode_headers(headers: Headers) -> bytes:
    """The header lines. Raises UnusableHeader."""
    lines = []
    for name, value in headers:
        if not _TOKEN.match(name) or _FORBIDDEN.search(value):
            raise UnusableHeader(f"header {name!r} cannot be sent")
        lines.append(f"{name}: {value}\r\n")
    return "".join(lines).encode("latin-1", "replace")
