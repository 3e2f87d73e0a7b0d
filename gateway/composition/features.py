"""The specifications that composition knows: their versions, their directives, the federation they imply.

Invariant: every directive of every feature listed here is declared in `gateway.language.directives`.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.composition.links import APOLLO, CONNECT, FEDERATION, Link
from gateway.language import directives
from gateway.language.directives.spec import DirectiveSpec

LATEST_MINOR = 14
FED1_AS_MINOR = 4  # what a federation 1 subgraph counts as after its upgrade
FED1_TAG_AS_MINOR = 2  # its @tag does not stand on schemas
FED1_DIRECTIVES = ("key", "requires", "provides", "external", "extends", "tag")
SCALARS = {"FieldSet": 0, "Scope": 5, "Policy": 6, "ContextFieldValue": 8}


@dataclass(frozen=True, slots=True)
class Feature:
    """A specification that can be linked on its own, beside the federation one."""

    name: str
    versions: tuple[str, ...]
    directives: tuple[str, ...]
    implies: int = 0  # the minor version of federation that linking it asks for
    scalars: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        return APOLLO + self.name


FEATURES = {
    feature.identity: feature
    for feature in (
        Feature("tag", ("0.1", "0.2", "0.3"), ("tag",)),
        Feature("inaccessible", ("0.1", "0.2"), ("inaccessible",)),
        Feature("authenticated", ("0.1",), ("authenticated",), 5),
        Feature("requiresScopes", ("0.1",), ("requiresScopes",), scalars=("Scope",)),
        Feature("policy", ("0.1",), ("policy",), scalars=("Policy",)),
        Feature("context", ("0.1",), ("context", "fromContext"), scalars=("ContextFieldValue",)),
        Feature("cost", ("0.1",), ("cost", "listSize"), 9),
        Feature("connect", ("0.1", "0.2", "0.3", "0.4"), ("connect", "source")),
    )
}
_CONNECT_IMPLIES = {"0.1": 10, "0.2": 11, "0.3": 12, "0.4": 13}


def spec_of(link: Link, element: str, minor: int) -> DirectiveSpec | None:
    """The directive that an element of a linked feature stands for, if this version has it."""
    spec = directives.BY_NAME.get(element)
    if spec is None:
        return None
    if link.url.identity == FEDERATION:
        return spec if spec.since <= minor else None
    feature = FEATURES.get(link.url.identity)
    known = feature is not None and element in feature.directives and str(link.url.version) in feature.versions
    return spec if known else None


def implied_minor(link: Link) -> int:
    """The minor version of federation 2 that a link asks for beside the one that is linked."""
    if link.url.identity == CONNECT:
        return _CONNECT_IMPLIES.get(str(link.url.version), 0)
    feature = FEATURES.get(link.url.identity)
    return feature.implies if feature and str(link.url.version) in feature.versions else 0


def federation_elements(minor: int) -> set[str]:
    """Everything that can be imported from federation 2.`minor`."""
    names = {f"@{spec.name}" for spec in directives.known_at(minor)}
    return names | {name for name, since in SCALARS.items() if since <= minor}
