"""Addresses of specifications (`https://specs.apollo.dev/federation/v2.9`): identity, name and version.

Invariant: two features are the same exactly when their identities are equal text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_VERSION = re.compile(r"v(\d+)\.(\d+)$")


class InvalidFeatureUrl(ValueError):
    """The text is not the address of a version of a specification."""


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A specification's version; a major version is compatible with its own minor versions only."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


@dataclass(frozen=True, slots=True)
class FeatureUrl:
    """`identity` is the address without its version, `name` its last path element."""

    identity: str
    name: str
    version: Version

    def __str__(self) -> str:
        return f"{self.identity}/v{self.version}"


def parse(text: str) -> FeatureUrl:
    """Raises InvalidFeatureUrl with a message that says what is wrong."""
    try:
        parts = urlsplit(text)
    except ValueError:
        raise InvalidFeatureUrl(f"Invalid feature url '{text}'") from None
    if not parts.scheme:
        raise InvalidFeatureUrl(f"Invalid feature url '{text}'")
    path = [element for element in parts.path.split("/") if element]
    if not path:
        raise InvalidFeatureUrl(f"Missing path in feature url '{text}'")
    version = _VERSION.match(path[-1])
    if version is None:
        raise InvalidFeatureUrl(f"Expected a version string (of the form v1.2), got {path[-1]}")
    if len(path) < 2:
        raise InvalidFeatureUrl(f"Missing feature name component in feature url '{text}'")
    identity = f"{parts.scheme}://{parts.netloc}/{'/'.join(path[:-1])}"
    return FeatureUrl(identity, path[-2], Version(int(version[1]), int(version[2])))
