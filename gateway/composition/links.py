"""`@link`: which specifications a subgraph speaks, under which names.

Invariant: in a resolved `Links` no two features share an alias and no two imports share a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from graphql import Node

from gateway.language import feature_url, literals
from gateway.language.feature_url import FeatureUrl, InvalidFeatureUrl, Version
from gateway.language.literals import EnumLiteral, Literal
from gateway.language.schema import Applied

APOLLO = "https://specs.apollo.dev/"
LINK = f"{APOLLO}link"
FEDERATION = f"{APOLLO}federation"
CONNECT = f"{APOLLO}connect"
_NAME = re.compile(r"[_A-Za-z]\w*$", re.ASCII)

Complain = Callable[[str, str, Node | None], None]


@dataclass(frozen=True, slots=True)
class Import:
    """`name` in the specification, `alias` in the document; directives with their `@`."""

    name: str
    alias: str


@dataclass(frozen=True, slots=True)
class Link:
    """One linked feature and the prefix of its elements that are not imported."""

    url: FeatureUrl
    alias: str
    imports: tuple[Import, ...] = ()
    args: dict[str, Literal] = field(default_factory=dict)
    node: Node | None = None

    def directive_name(self, element: str) -> str:
        """What the document calls the feature's directive (both without `@`)."""
        for entry in self.imports:
            if entry.name == f"@{element}":
                return entry.alias[1:]
        return self.alias if element == self.url.name else f"{self.alias}__{element}"

    def type_name(self, element: str) -> str:
        for entry in self.imports:
            if entry.name == element:
                return entry.alias
        return f"{self.alias}__{element}"

    def element(self, name: str) -> str | None:
        """The reverse of `directive_name`: which of the feature's directives a name of the document stands for."""
        for entry in self.imports:
            if entry.alias == f"@{name}":
                return entry.name[1:]
        if name == self.alias and not any(entry.name == f"@{self.url.name}" for entry in self.imports):
            return self.url.name
        prefix, _, rest = name.partition("__")
        return rest if rest and prefix == self.alias else None


@dataclass(slots=True)
class Links:
    """All links of a document, in order."""

    entries: list[Link] = field(default_factory=list)

    def feature(self, identity: str) -> Link | None:
        return next((link for link in self.entries if link.url.identity == identity), None)

    def source(self, directive: str) -> tuple[Link, str] | None:
        """The feature and element behind a directive's name in the document."""
        for link in self.entries:
            element = link.element(directive)
            if element is not None:
                return link, element
        return None


def resolve(applications: Iterable[Applied], complain: Complain) -> Links:
    """Reads the `@link`s of a schema definition; what is wrong with them is said once each."""
    links = Links()
    for application in applications:
        if application.name == "link":
            _add(links, application, complain)
    return links


def _add(links: Links, application: Applied, complain: Complain) -> None:
    text = application.args.get("url")
    if not isinstance(text, str) or isinstance(text, EnumLiteral):
        complain("INVALID_LINK_IDENTIFIER", "@link needs a url, a string", application.node)
        return
    if "://" not in text:
        return
    try:
        url = feature_url.parse(text)
    except InvalidFeatureUrl as error:
        complain("INVALID_LINK_IDENTIFIER", str(error), application.node)
        return
    if url.identity == LINK and url.version != Version(1, 0):
        complain(
            "UNKNOWN_LINK_VERSION", f"Schema uses unknown version v{url.version} of the link spec", application.node
        )
        return
    alias = application.args.get("as")
    link = Link(
        url,
        alias if isinstance(alias, str) else url.name,
        tuple(_imports(application, complain)),
        application.args,
        application.node,
    )
    problem = _clash(links, link)
    if problem:
        complain("INVALID_LINK_DIRECTIVE_USAGE", problem, application.node)
        return
    links.entries.append(link)


def _clash(links: Links, link: Link) -> str | None:
    identity = link.url.identity
    if not _NAME.match(link.alias):
        return (
            f'Cannot link feature "{identity}" as "{link.alias}" since it is not a GraphQL name. Rename it with "as".'
        )
    if "__" in link.alias:
        return f'Cannot link feature "{identity}" as "{link.alias}" since it contains "__". Rename it with "as".'
    for other in links.entries:
        if other.url.identity == identity:
            return f'Cannot link feature "{identity}" since it has already been linked in the schema.'
        if other.alias == link.alias:
            return (
                f'Cannot link feature {identity} as "{link.alias}" since feature "{other.url.identity}" already uses '
                'that alias. Rename one of them with "as".'
            )
        taken = {entry.alias for entry in other.imports} & {entry.alias for entry in link.imports}
        if taken:
            return (
                f'Cannot import "{min(taken)}" from feature "{identity}" since it was previously imported from feature '
                f'"{other.url.identity}". Rename the import with "as".'
            )
        confusing = _confusable(link, other) or _confusable(other, link)
        if confusing:
            return (
                f'Cannot import "{confusing}" since it can be confused with a namespaced name of another linked '
                f'feature, "{other.url.identity}" or "{identity}". Rename the import or the feature with "as".'
            )
    return _import_clash(link)


def _confusable(importing: Link, other: Link) -> str | None:
    """An import of one feature that reads like an element of another."""
    for entry in importing.imports:
        if entry.alias.removeprefix("@").partition("__")[0] == other.alias:
            return entry.alias
    return None


def _import_clash(link: Link) -> str | None:
    seen: dict[str, str] = {}
    for entry in link.imports:
        if entry.alias == f"@{link.alias}" and entry.name != f"@{link.url.name}":
            return (
                f'Cannot import "{entry.name}" as "{entry.alias}" from feature "{link.url.identity}" since it can be '
                f'confused with the feature\'s own "{entry.alias}". Rename the import with "as".'
            )
        if seen.setdefault(entry.name, entry.alias) != entry.alias:
            return (
                f'Cannot import "{entry.name}" as "{entry.alias}" from feature "{link.url.identity}" since it was '
                f'previously imported as "{seen[entry.name]}". Remove one of these imports.'
            )
    return None


def _imports(application: Applied, complain: Complain) -> list[Import]:
    value = application.args.get("import")
    found = []
    for entry in value if isinstance(value, list) else []:
        problem = _import_problem(entry)
        if problem:
            complain("INVALID_LINK_DIRECTIVE_USAGE", problem, application.node)
        elif isinstance(entry, str):
            found.append(Import(entry, entry))
        elif isinstance(entry, dict):
            name = str(entry["name"])
            found.append(Import(name, str(entry.get("as") or name)))
    return found


def _import_problem(entry: Literal) -> str | None:
    shown = literals.text(entry)
    if isinstance(entry, str) and not isinstance(entry, EnumLiteral):
        return None
    if not isinstance(entry, dict):
        return f"Invalid sub-value {shown} for @link(import:): use a string or {{ name: …, as: … }}."
    unknown = entry.keys() - {"name", "as"}
    if unknown:
        return f'Unknown field "{min(unknown)}" for sub-value {shown} of @link(import:).'
    name, alias = entry.get("name"), entry.get("as")
    if not isinstance(name, str):
        return f'Invalid sub-value {shown} for @link(import:): missing mandatory "name".'
    if alias is not None and not isinstance(alias, str):
        return f'Invalid sub-value {shown} for @link(import:): "as" must be a string.'
    if alias is not None and alias.startswith("@") != name.startswith("@"):
        return f'Invalid @link import renaming: "{name}" cannot become "{alias}", a directive stays a directive.'
    return None
