"""Records what the audit's subgraphs say: `python -m tests.audit.record http://127.0.0.1:4200`, beside its own server.

Every request of our plans is sent on with `__typename` everywhere, and once more with all plain fields of the objects
it reaches, so that other plans find their answers too. The result is data: one file for each suite.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

from graphql import (
    FieldNode,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_interface_type,
    is_leaf_type,
    is_required_argument,
    parse,
    print_ast,
    value_from_ast_untyped,
    visit,
)

from gateway.planner.plan import Planner
from gateway.supergraph.parse import parse_supergraph
from tests.audit.answers import (
    FAULT,
    Answers,
    Json,
    RecordedSubgraph,
    canonical,
    included,
    merged,
    printed_field,
    response_key,
)
from tests.audit.running import run_case
from tests.testkit.subgraph_schema import build_subgraph_schema

DATA = Path(__file__).parent / "data"


class Recorder:
    """One live subgraph and what it has said so far."""

    def __init__(self, url: str, sdl: str) -> None:
        self._url = url
        self._schema = build_subgraph_schema(sdl)
        self.answers = Answers()
        self._replay = RecordedSubgraph(self._schema, self.answers)

    def answer(self, request: dict[str, Json]) -> dict[str, Json]:
        """Asks the live subgraph, keeps what it says, and answers from what is kept."""
        document = parse(request["query"])
        operation = next(item for item in document.definitions if isinstance(item, OperationDefinitionNode))
        self._ask(print_ast(visit(document, AddTypenames())), request, keep_faults=True)
        if operation.operation.value == "query":
            info = TypeInfo(self._schema)
            wide = visit(document, TypeInfoVisitor(info, AddPlainFields(info)))
            self._ask(print_ast(visit(wide, AddTypenames())), request, keep_faults=False)
        return self._replay.answer(request)

    def _ask(self, query: str, request: dict[str, Json], keep_faults: bool) -> None:
        reply = post(self._url, {**request, "query": query})
        if reply.get("errors") and not keep_faults:
            return
        Keeper(self.answers, query, request.get("variables") or {}).keep(reply)


class AddTypenames(Visitor):
    """Asks for `__typename` wherever objects are selected."""

    def leave_field(self, node: FieldNode, *_: Any) -> Any:
        if node.selection_set is None:
            return None
        return with_selections(node, [plain_field("__typename")])


class AddPlainFields(Visitor):
    """Selects every field without arguments that leads to a leaf."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info

    def leave_field(self, node: FieldNode, *_: Any) -> Any:
        type_ = get_named_type(self._info.get_type())
        if node.selection_set is None or not (isinstance(type_, GraphQLObjectType) or is_interface_type(type_)):
            return None
        return with_selections(node, self._plain(type_, node.selection_set))

    def leave_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> Any:
        type_ = self._info.get_type()
        if not (isinstance(type_, GraphQLObjectType) or is_interface_type(type_)):
            return None
        return with_selections(node, self._plain(type_, node.selection_set))

    def _plain(self, type_: Any, present: SelectionSetNode) -> list[FieldNode]:
        taken = {response_key(item) for item in present.selections if isinstance(item, FieldNode)}
        return [
            plain_field(name)
            for name, field in type_.fields.items()
            if name not in taken
            and is_leaf_type(get_named_type(field.type))
            and not any(is_required_argument(item) for item in field.args.values())
            and not any(item.name.value in ("external", "requires") for item in field.ast_node.directives or ())
        ]


class Keeper:
    """Writes one reply into the answers."""

    def __init__(self, answers: Answers, query: str, variables: dict[str, Json]) -> None:
        self._answers = answers
        document = parse(query)
        self._operation = next(item for item in document.definitions if isinstance(item, OperationDefinitionNode))
        defaults = {
            item.variable.name.value: value_from_ast_untyped(item.default_value)
            for item in self._operation.variable_definitions or ()
            if item.default_value is not None
        }
        self._variables = {**defaults, **variables}

    def keep(self, reply: dict[str, Json]) -> None:
        faults = {canonical(item.get("path")): item["message"] for item in reply.get("errors") or ()}
        data = reply.get("data") or {}
        kind = self._operation.operation.value
        for node in self._operation.selection_set.selections:
            assert isinstance(node, FieldNode)
            key = response_key(node)
            if not included(node, self._variables) or node.name.value == "__typename":
                continue
            value = data.get(key)
            if node.name.value == "_entities":
                argument = (node.arguments or ())[0]
                representations = value_from_ast_untyped(argument.value, self._variables)
                for at, each in enumerate(representations):
                    item = value[at] if isinstance(value, list) else None
                    tree = self._tree(node.selection_set, item, [key, at], faults)
                    text = canonical(each)
                    self._answers.entities[text] = merged(self._answers.entities.get(text), tree)
            else:
                roots = self._answers.roots.setdefault(kind, {})
                printed = printed_field(node, self._variables)
                tree = self._tree(node.selection_set, value, [key], faults)
                roots[printed] = merged(roots.get(printed), tree)

    def _tree(self, selections: SelectionSetNode | None, value: Json, path: list[Json], faults: dict[str, str]) -> Json:
        if value is None:
            below = [text for text in faults if json.loads(text)[: len(path)] == path]
            return {FAULT: faults[below[0]]} if below else None
        if isinstance(value, list):
            return [self._tree(selections, item, [*path, at], faults) for at, item in enumerate(value)]
        if selections is None:
            return value
        tree: dict[str, Json] = {}
        self._fill(tree, selections, value, path, faults)
        return tree

    def _fill(
        self, tree: dict[str, Json], selections: SelectionSetNode, value: Json, path: list[Json], faults: dict[str, str]
    ) -> None:
        for node in selections.selections:
            if not included(node, self._variables):
                continue
            if isinstance(node, InlineFragmentNode):
                self._fill(tree, node.selection_set, value, path, faults)
            elif isinstance(node, FieldNode) and response_key(node) in value:
                key = response_key(node)
                printed = printed_field(node, self._variables)
                found = self._tree(node.selection_set, value[key], [*path, key], faults)
                tree[printed] = merged(tree.get(printed), found)


def plain_field(name: str) -> FieldNode:
    return parse(f"{{ {name} }}").definitions[0].selection_set.selections[0]  # type: ignore[attr-defined, no-any-return]


def with_selections(node: Any, more: list[FieldNode]) -> Any:
    """The node with further selections."""
    return replace(node, selection_set=SelectionSetNode(selections=(*node.selection_set.selections, *more)))


def post(url: str, body: dict[str, Json]) -> dict[str, Json]:
    request = HttpRequest(url, json.dumps(body).encode(), {"content-type": "application/json"})
    try:
        with urlopen(request) as reply:
            return json.load(reply)  # type: ignore[no-any-return]
    except HTTPError as error:
        return json.load(error)  # type: ignore[no-any-return]


def get(url: str) -> Json:
    with urlopen(url) as reply:
        text = reply.read().decode()
    return text if url.endswith("/supergraph") else json.loads(text)


async def record(base: str) -> None:
    """Records all suites."""
    passed = total = 0
    for suite in get(f"{base}/ids"):
        supergraph = parse_supergraph(get(f"{base}/{suite}/supergraph"))
        subgraphs = get(f"{base}/{suite}/subgraphs")
        cases = get(f"{base}/{suite}/tests")
        live = {item["name"]: Recorder(item["url"], item["sdl"]) for item in subgraphs}
        planner = Planner(supergraph)
        for at, case in enumerate(cases):
            problem = await run_case(planner, case, live)
            total += 1
            passed += problem is None
            if problem is not None:
                print(suite, at, problem)
        write(suite, supergraph.sdl, subgraphs, cases, live)
    print(f"{passed} of {total} cases pass")


def write(suite: str, sdl: str, subgraphs: list[Json], cases: list[Json], live: dict[str, Recorder]) -> None:
    """One file for each suite."""
    content = {
        "supergraph": sdl,
        "subgraphs": [
            {
                "name": item["name"],
                "url": f"http://{item['name']}.test/graphql",
                "sdl": item["sdl"],
                "roots": live[item["name"]].answers.roots,
                "entities": live[item["name"]].answers.entities,
            }
            for item in subgraphs
        ],
        "cases": cases,
    }
    DATA.mkdir(exist_ok=True)
    (DATA / f"{suite}.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1]))
