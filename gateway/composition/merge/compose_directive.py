"""`@composeDirective`: directives of other specifications that the supergraph keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.composition.links import APOLLO, FEDERATION, Link
from gateway.composition.merge.state import Merge, names
from gateway.composition.subgraph import Subgraph
from gateway.language import directives
from gateway.language.schema import Applied, DirectiveDefinition


@dataclass(slots=True)
class ComposedDirective:
    """One directive kept under its document name, with the newest subgraph's definition."""

    link: Link
    element: str
    definition: DirectiveDefinition
    subgraphs: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Request:
    subgraph: Subgraph
    application: Applied
    name: str
    link: Link
    element: str
    definition: DirectiveDefinition


def collect(merge: Merge) -> dict[str, ComposedDirective]:
    """Document name → directive; requests that contradict each other are reported and left out."""
    requests = [request for subgraph in merge.subgraphs for request in _requests(merge, subgraph)]
    versions = _check_majors(merge, requests)
    found: dict[str, ComposedDirective] = {}
    for name in dict.fromkeys(request.name for request in requests):
        group = [request for request in requests if request.name == name]
        if not _agree(merge, name, group, requests) or any(request.link.url.identity in versions for request in group):
            continue
        newest = _newest(merge, name, group[0], requests)
        if newest is not None:
            link, definition = newest
            subgraphs = {request.subgraph.name for request in group}
            found[name] = ComposedDirective(link, group[0].element, definition, subgraphs)
            _hint_other_names(merge, name, group[0])
    return found


def _newest(
    merge: Merge, name: str, request: _Request, requests: list[_Request]
) -> tuple[Link, DirectiveDefinition] | None:
    """The definition that goes with the newest version composed, wherever that is linked; of several the last."""
    identity, element = request.link.url.identity, request.element
    composing = [entry for entry in requests if entry.link.url.identity == identity]
    newest = max(composing, key=lambda entry: entry.link.url.version)
    for subgraph in reversed(merge.subgraphs):
        source, definition = subgraph.links.source(name), subgraph.schema.definitions.get(name)
        if source is None or definition is None or source[1] != element:
            continue
        if source[0].url.identity == identity and source[0].url.version == newest.link.url.version:
            return source[0], definition
    message = (
        f'Feature "{newest.link.url}" in subgraph "{newest.subgraph.name}" has no definition of "@{name}". Define it: '
        "the supergraph takes that of the newest version."
    )
    merge.report.error("DIRECTIVE_COMPOSITION_ERROR", message, [(newest.subgraph.name, newest.link.node)])
    return None


def _hint_other_names(merge: Merge, name: str, request: _Request) -> None:
    """Subgraphs that import the directive under another name cannot compose theirs."""
    for subgraph in merge.subgraphs:
        link = subgraph.links.feature(request.link.url.identity)
        others = [entry.alias for entry in link.imports if entry.name == f"@{request.element}"] if link else []
        if link and others and others[0] != f"@{name}":
            merge.report.hint(
                "DIRECTIVE_COMPOSITION_WARN",
                f'Composed directive "@{name}" is named "{others[0]}" in subgraph "{subgraph.name}", which does not '
                "compose it. Only one name can be composed.",
                f"@{name}",
                [(subgraph.name, link.node)],
            )
            return


def _requests(merge: Merge, subgraph: Subgraph) -> Iterator[_Request]:
    for application in subgraph.schema.applied("composeDirective"):
        request = _request(merge, subgraph, application)
        if request is not None:
            yield request


def _request(merge: Merge, subgraph: Subgraph, application: Applied) -> _Request | None:
    argument = application.args.get("name")
    place = [(subgraph.name, application.node)]

    def refuse(message: str) -> None:
        merge.report.error("DIRECTIVE_COMPOSITION_ERROR", message, place)

    if not isinstance(argument, str) or not argument:
        refuse(f'@composeDirective in subgraph "{subgraph.name}" needs the name of a directive.')
        return None
    if not argument.startswith("@"):
        refuse(f'Argument to @composeDirective "{argument}" in subgraph "{subgraph.name}" must start with "@".')
        return None
    name = argument[1:]
    definition = subgraph.schema.definitions.get(name)
    if definition is None and name not in ("deprecated", "specifiedBy", "skip", "include"):
        refuse(f'@composeDirective "{argument}" in subgraph "{subgraph.name}" names a directive without a definition.')
        return None
    source = subgraph.links.source(name)
    if source is None or definition is None:
        refuse(f'Directive "{argument}" in subgraph "{subgraph.name}" belongs to no linked specification; @link one.')
        return None
    link, element = source
    if link.url.identity.startswith(APOLLO):
        _federation_directive(merge, subgraph, argument, link, element, application)
        return None
    if name == f"{link.alias}__{link.url.name}":
        refuse(f'Directive "{argument}" in subgraph "{subgraph.name}" must be imported from "{link.url}".')
        return None
    clashing = [entry.name for entry in merge.subgraphs if _is_federation_directive(entry, name)]
    if clashing:
        refuse(
            f'Directive "{argument}" in subgraph "{subgraph.name}" cannot be composed because {names(clashing)} import '
            "a federation directive under that name. Rename one of them."
        )
        return None
    return _Request(subgraph, application, name, link, element, definition)


def _is_federation_directive(subgraph: Subgraph, name: str) -> bool:
    source = subgraph.links.source(name)
    spec = directives.BY_NAME.get(source[1]) if source and source[0].url.identity == FEDERATION else None
    return spec is not None and spec.composed is not None


def _federation_directive(
    merge: Merge, subgraph: Subgraph, argument: str, link: Link, element: str, application: Applied
) -> None:
    place = [(subgraph.name, application.node)]
    spec = directives.BY_NAME.get(element)
    if link.url.identity != FEDERATION or spec is None or spec.composed is None:
        merge.report.error(
            "DIRECTIVE_COMPOSITION_ERROR",
            f'Composing federation directive "{argument}" in subgraph "{subgraph.name}" is not supported.',
            place,
        )
        return
    merge.report.hint(
        "DIRECTIVE_COMPOSITION_INFO",
        f'Directive "{argument}" is composed by default; its @composeDirective can be removed.',
        argument,
        place,
    )


def _check_majors(merge: Merge, requests: list[_Request]) -> set[str]:
    """Features whose major versions differ; where nobody composes them that is only worth a hint."""
    refused = set()
    linked: dict[str, dict[str, Link]] = {}
    for subgraph in merge.subgraphs:
        for link in subgraph.links.entries:
            linked.setdefault(link.url.identity, {})[subgraph.name] = link
    for identity, by_subgraph in linked.items():
        if identity.startswith(APOLLO):
            continue
        asking = {request.subgraph.name for request in requests if request.link.url.identity == identity}
        places = [(name, link.node) for name, link in by_subgraph.items()]
        if len({by_subgraph[name].url.version.major for name in asking}) > 1:
            refused.add(identity)
            message = f'Core feature "{identity}" requested to be merged has major version mismatch across subgraphs.'
            merge.report.error("DIRECTIVE_COMPOSITION_ERROR", message, places)
        elif len({link.url.version.major for link in by_subgraph.values()}) > 1:
            message = f'Non-composed core feature "{identity}" has major version mismatch across subgraphs.'
            merge.report.hint("DIRECTIVE_COMPOSITION_INFO", message, identity, places)
    return refused


def _agree(merge: Merge, name: str, group: list[_Request], requests: list[_Request]) -> bool:
    """One document name stands for one directive of one feature, and the other way round."""
    places = [(request.subgraph.name, request.application.node) for request in group]
    identities = {request.link.url.identity for request in group}
    if len(identities) > 1:
        message = f'Composed directive "@{name}" is not linked by the same specification in every subgraph.'
        merge.report.error("DIRECTIVE_COMPOSITION_ERROR", message, places)
        return False
    if len({request.element for request in group}) > 1:
        message = f'Composed directive "@{name}" does not refer to the same directive in every subgraph.'
        merge.report.error("DIRECTIVE_COMPOSITION_ERROR", message, places)
        return False
    origin = (group[0].link.url.identity, group[0].element)
    others = {request.name for request in requests if (request.link.url.identity, request.element) == origin}
    if len(others) > 1:
        message = f'Composed directive "@{group[0].element}" has different names: {", ".join(sorted(others))}.'
        merge.report.error("DIRECTIVE_COMPOSITION_ERROR", message, places)
        return False
    return True
