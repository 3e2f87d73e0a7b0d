"""Which federation a subgraph speaks, and whether it imports what that version has."""

from __future__ import annotations

from gateway.composition.features import FEATURES, FED1_AS_MINOR, LATEST_MINOR, federation_elements, implied_minor
from gateway.composition.links import FEDERATION, LINK, Link
from gateway.composition.subgraph import Subgraph


def settle_version(subgraph: Subgraph) -> None:
    """Finds out which federation the subgraph speaks and checks what it imports."""
    link = subgraph.links.feature(FEDERATION)
    subgraph.fed1 = link is None
    subgraph.minor = link.url.version.minor if link else FED1_AS_MINOR
    if link and (link.url.version.major != 2 or subgraph.minor > LATEST_MINOR):
        subgraph.error(
            "UNKNOWN_FEDERATION_LINK_VERSION",
            f"Invalid version v{link.url.version} for the federation feature in @link directive on schema",
            link.node,
        )
    for entry in subgraph.links.entries:
        _check_imports(subgraph, entry)
    _follow_implications(subgraph)


def _follow_implications(subgraph: Subgraph) -> None:
    """Linking some features raises the federation version that the supergraph counts with."""
    subgraph.implied_minor = max([subgraph.minor, *map(implied_minor, subgraph.links.entries)])
    if subgraph.implied_minor > subgraph.minor:
        subgraph.report.hint(
            "IMPLICITLY_UPGRADED_FEDERATION_VERSION",
            f'Subgraph "{subgraph.name}" links a feature that raises its federation version from v2.{subgraph.minor} '
            f"to v2.{subgraph.implied_minor}.",
            places=[(subgraph.name, subgraph.schema.node)],
        )


def _check_imports(subgraph: Subgraph, link: Link) -> None:
    known = _elements(link, subgraph.minor)
    for entry in link.imports if known is not None else ():
        if entry.name not in (known or ()):
            subgraph.error("INVALID_LINK_DIRECTIVE_USAGE", f'Cannot import unknown element "{entry.name}".', link.node)
    feature = FEATURES.get(link.url.identity)
    federation = subgraph.links.feature(FEDERATION)
    for name in feature.directives if feature and feature.name in ("tag", "inaccessible") else ():
        brought = federation.directive_name(name) if federation else name
        if brought == link.directive_name(name):
            subgraph.error(
                "INVALID_LINK_DIRECTIVE_USAGE",
                f'Please import "@{name}" from the feature "{FEDERATION}" instead of using "{link.url.identity}".',
                link.node,
            )


def _elements(link: Link, minor: int) -> set[str] | None:
    if link.url.identity == FEDERATION:
        return federation_elements(minor)
    if link.url.identity == LINK:
        return {"@link", "Purpose", "Import"}
    feature = FEATURES.get(link.url.identity)
    if feature is None or str(link.url.version) not in feature.versions:
        return None
    return {f"@{name}" for name in feature.directives} | set(feature.scalars)
