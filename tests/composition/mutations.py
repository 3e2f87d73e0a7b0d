"""Random changes to sets of subgraphs: the kind of slips that people make.

Invariant: a mutated document still parses; whether it composes is for the composers to say. Deterministic for a seed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from graphql import (
    DocumentNode,
    FieldDefinitionNode,
    Node,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    parse,
    print_ast,
)

Subgraph = dict[str, str]
Mutation = Callable[[random.Random, list[Subgraph]], None]

_FIELD_DIRECTIVES = (
    "@shareable",
    "@external",
    "@inaccessible",
    '@tag(name: "t")',
    "@deprecated",
    "@authenticated",
    '@requiresScopes(scopes: [["a"]])',
    '@requiresScopes(scopes: [["a", "b"], ["c"]])',
    '@policy(policies: [["p"]])',
    "@cost(weight: 3)",
    "@cost(weight: 5)",
    "@listSize(assumedSize: 3)",
    '@requires(fields: "id")',
    '@requires(fields: "name")',
    '@provides(fields: "id")',
    '@provides(fields: "name")',
    '@override(from: "{other}")',
    '@override(from: "{other}", label: "x")',
    '@override(from: "nobody")',
)
_TYPE_DIRECTIVES = (
    '@key(fields: "id")',
    '@key(fields: "id", resolvable: false)',
    '@key(fields: "name")',
    '@key(fields: "id name")',
    "@shareable",
    "@inaccessible",
    "@external",
    "@extends",
    "@interfaceObject",
    '@tag(name: "t")',
    "@authenticated",
    '@context(name: "ctx")',
    "@cost(weight: 2)",
)
_EXTRA_FIELDS = (
    "extra: Int",
    "extra: Int @shareable",
    "extra(x: Int): Int @shareable",
    "extra(x: Int!): Int @shareable",
    "extra(x: Int = 1): String @shareable",
    "extra: [String!] @shareable",
    "extra: [String] @shareable",
    "name: String",
    "name: String @shareable",
    "id: ID!",
    "id: ID! @external",
    'extra: Int @requires(fields: "name") name: String @external',
    'extra(x: String @fromContext(field: "$ctx { name }")): Int',
)
_ALL = (
    "@key @shareable @external @requires @provides @override @inaccessible @tag @extends "
    "@composeDirective @interfaceObject @authenticated @requiresScopes @policy @context @fromContext @cost @listSize"
)
_SINCE = {
    "@composeDirective": 1,
    "@interfaceObject": 3,
    "@authenticated": 5,
    "@requiresScopes": 5,
    "@policy": 6,
    "@context": 8,
    "@fromContext": 8,
    "@cost": 9,
    "@listSize": 9,
}


def header(minor: int) -> str:
    """A link to federation 2.`minor` that imports everything it has."""
    names = ", ".join(f'"{name}"' for name in _ALL.split() if _SINCE.get(name, 0) <= minor)
    return f'extend schema @link(url: "https://specs.apollo.dev/federation/v2.{minor}", import: [{names}])\n'


def mutate(seed: int, subgraphs: list[Subgraph]) -> list[Subgraph]:
    """The set after one to three random changes."""
    rng = random.Random(seed)
    result = [dict(entry) for entry in subgraphs]
    if rng.random() < 0.8:
        _import_everything(rng, result)
    for _ in range(rng.choice((1, 1, 2, 3))):
        for _attempt in range(5):
            before = [dict(entry) for entry in result]
            rng.choice(_MUTATIONS)(rng, result)
            if result != before and all(_parses(entry["sdl"]) for entry in result):
                break
            result = before
    return result


def _parses(sdl: str) -> bool:
    try:
        parse(sdl)
    except Exception:
        return False
    return True


def _import_everything(rng: random.Random, subgraphs: list[Subgraph]) -> None:
    """Replaces plain federation links, so that added directives are known."""
    minor = rng.choice((4, 5, 7, 9, 9, 11))
    for entry in subgraphs:
        found = re.search(r'@link\(\s*url:\s*"https://specs.apollo.dev/federation/v2.\d+"[^)]*\)', entry["sdl"])
        if found and " as" not in found[0] and "as:" not in found[0]:
            link = re.search(r"@link\(.*\)", header(minor))
            entry["sdl"] = entry["sdl"].replace(found[0], link[0] if link else found[0])


def _chosen(rng: random.Random, subgraphs: list[Subgraph]) -> Subgraph:
    return rng.choice(subgraphs)


def _definitions(entry: Subgraph) -> list[Node]:
    return [node for node in parse(entry["sdl"]).definitions if hasattr(node, "fields") and node.fields]


def _splice(entry: Subgraph, node: Node, text: str) -> None:
    location = node.loc
    if location is not None:
        entry["sdl"] = entry["sdl"][: location.start] + text + entry["sdl"][location.end :]


def _field(rng: random.Random, entry: Subgraph) -> FieldDefinitionNode | None:
    fields = [field for node in _definitions(entry) for field in getattr(node, "fields", ())]
    return rng.choice(fields) if fields else None


def _add_field_directive(rng: random.Random, subgraphs: list[Subgraph]) -> None:
    entry = _chosen(rng, subgraphs)
    field = _field(rng, entry)
    if field is not None:
        other = rng.choice(subgraphs)["name"]
        _splice(entry, field, f"{print_ast(field)} {rng.choice(_FIELD_DIRECTIVES).replace('{other}', other)}")


def _add_type_directive(rng: random.Random, subgraphs: list[Subgraph]) -> None:
    entry = _chosen(rng, subgraphs)
    nodes = _definitions(entry)
    if nodes:
        node = rng.choice(nodes)
        text = print_ast(node)
        head, brace, rest = text.partition("{")
        _splice(entry, node, f"{head}{rng.choice(_TYPE_DIRECTIVES)} {brace}{rest}")


def _drop_directive(rng: random.Random, subgraphs: list[Subgraph]) -> None:
    entry = _chosen(rng, subgraphs)
    found = [
        directive
        for node in parse(entry["sdl"]).definitions
        for holder in (node, *(getattr(node, "fields", ()) or ()))
        for directive in getattr(holder, "directives", ()) or ()
        if directive.name.value not in ("link", "composeDirective")
    ]
    if found:
        _splice(entry, rng.choice(found), "")


def _drop_field(rng: random.Random, subgraphs: list[Subgraph]) -> None:
    entry = _chosen(rng, subgraphs)
    field = _field(rng, entry)
    if field is not None:
        _splice(entry, field, "")


def _add_field(rng: random.Random, subgraphs: list[Subgraph]) -> None:
    entry = _chosen(rng, subgraphs)
    nodes = [
        node for node in _definitions(entry) if isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode)
    ]
    if nodes:
        node = rng.choice(nodes)
        text = print_ast(node)
        _splice(entry, node, f"{text[: text.rindex('}')]} {rng.choice(_EXTRA_FIELDS)} }}")


def _change_type(rng: random.Random, subgraphs: list[Subgraph]) -> None:
    entry = _chosen(rng, subgraphs)
    field = _field(rng, entry)
    if field is None:
        return
    text = print_ast(field.type)
    changed = rng.choice(
        [
            text.removesuffix("!"),
            text if text.endswith("!") else f"{text}!",
            f"[{text}]",
            text.strip("[]!"),
            "String",
            "Int",
        ]
    )
    _splice(entry, field.type, changed)


def _copy_type(rng: random.Random, subgraphs: list[Subgraph]) -> None:
    source, target = _chosen(rng, subgraphs), _chosen(rng, subgraphs)
    nodes = [node for node in parse(source["sdl"]).definitions if hasattr(node, "name") and node.name]
    if nodes and source is not target:
        text = print_ast(rng.choice(nodes))
        target["sdl"] += f"\n{text if rng.random() < 0.6 else 'extend ' + text}\n"


def _copy_field(rng: random.Random, subgraphs: list[Subgraph]) -> None:
    source, target = _chosen(rng, subgraphs), _chosen(rng, subgraphs)
    names = {node.name.value: node for node in _definitions(target)}  # type: ignore[attr-defined]
    shared = [node for node in _definitions(source) if node.name.value in names]  # type: ignore[attr-defined]
    if shared and source is not target:
        node = rng.choice(shared)
        field = print_ast(rng.choice(node.fields))  # type: ignore[attr-defined]
        there = names[node.name.value]  # type: ignore[attr-defined]
        text = print_ast(there)
        _splice(target, there, f"{text[: text.rindex('}')]} {field} }}")


def _extend_instead(rng: random.Random, subgraphs: list[Subgraph]) -> None:
    entry = _chosen(rng, subgraphs)
    nodes = [node for node in _definitions(entry) if isinstance(node, ObjectTypeDefinitionNode)]
    if nodes:
        node = rng.choice(nodes)
        _splice(entry, node, f"extend {print_ast(node)}" if node.description is None else print_ast(node))


def _rename(rng: random.Random, subgraphs: list[Subgraph]) -> None:
    entry = _chosen(rng, subgraphs)
    field = _field(rng, entry)
    if field is not None:
        _splice(entry, field.name, rng.choice(("id", "name", "renamed")))


def _change_version(rng: random.Random, subgraphs: list[Subgraph]) -> None:
    entry = _chosen(rng, subgraphs)
    entry["sdl"] = re.sub(r"federation/v2\.\d+", f"federation/v2.{rng.randrange(15)}", entry["sdl"])


def _drop_subgraph(rng: random.Random, subgraphs: list[Subgraph]) -> None:
    if len(subgraphs) > 1:
        del subgraphs[rng.randrange(len(subgraphs))]


def _drop_definition(rng: random.Random, subgraphs: list[Subgraph]) -> None:
    entry = _chosen(rng, subgraphs)
    document: DocumentNode = parse(entry["sdl"])
    nodes = [node for node in document.definitions if hasattr(node, "name")]
    if len(nodes) > 1:
        _splice(entry, rng.choice(nodes), "")


def _describe(rng: random.Random, subgraphs: list[Subgraph]) -> None:
    entry = _chosen(rng, subgraphs)
    nodes = [node for node in _definitions(entry) if isinstance(node, ObjectTypeDefinitionNode)]
    if nodes:
        node = rng.choice(nodes)
        if node.description is None:
            _splice(entry, node, f'"{rng.choice(("first", "second"))} description" {print_ast(node)}')


def _key_instead(rng: random.Random, subgraphs: list[Subgraph]) -> None:
    entry = _chosen(rng, subgraphs)
    entry["sdl"] = re.sub(
        r'@key\(fields: "[^"]*"',
        f'@key(fields: "{rng.choice(("id", "name", "id name", "zzz", "id { id }"))}"',
        entry["sdl"],
        count=1,
    )


_MUTATIONS: tuple[Mutation, ...] = (
    _add_field_directive,
    _add_field_directive,
    _add_field_directive,
    _add_type_directive,
    _add_type_directive,
    _drop_directive,
    _drop_directive,
    _drop_field,
    _add_field,
    _add_field,
    _change_type,
    _copy_type,
    _copy_field,
    _copy_field,
    _extend_instead,
    _rename,
    _change_version,
    _drop_subgraph,
    _drop_definition,
    _describe,
    _key_instead,
)
