"""The benchmark's four subgraphs over one set of data, in one process: `python -m tests.bench.federation.subgraphs`.

Equal requests are answered from memory, so that the machine's time goes to the gateway under test.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from graphql import (
    GraphQLResolveInfo,
    GraphQLSchema,
    build_ast_schema,
    default_type_resolver,
    extend_schema,
    graphql_sync,
    parse,
)
from graphql.language import DocumentNode, ObjectTypeDefinitionNode, ObjectTypeExtensionNode
from starlette.types import Receive, Scope, Send

HERE = Path(__file__).parent
PAGE = 10  # of users; with it both graphs give replies of about 90 KB

Data = dict[str, Any]


def published() -> Data:
    """The benchmark's own data."""
    data: Data = json.loads((HERE / "data.json").read_text())
    return data


def distinct(users: int = 200, products: int = 500, reviews: int = 3000, seed: int = 1) -> Data:
    """Data of the same shape in which no two users have the same reviews."""
    rng = random.Random(seed)
    words = ["workflow", "board", "sprint", "estimate", "reviewer", "deadline", "column", "backlog", "cycle", "label"]
    of_user: dict[str, list[str]] = {str(u): [] for u in range(1, users + 1)}
    of_product: dict[str, list[str]] = {str(p): [] for p in range(1, products + 1)}
    found = []
    for number in range(1, reviews + 1):
        author, product = str(rng.randint(1, users)), str(rng.randint(1, products))
        text = " ".join(rng.choice(words) for _ in range(rng.randint(5, 40)))
        found.append({"id": str(number), "body": text, "author": author, "product": product})
        if len(of_user[author]) < 2:
            of_user[author].append(str(number))
        if len(of_product[product]) < 4:
            of_product[product].append(str(number))
    return {
        "users": [
            {"id": str(u), "name": f"User {u}", "username": f"user{u}", "birthday": u} for u in range(1, users + 1)
        ],
        "products": [
            {"upc": str(p), "name": f"Product {p}", "price": rng.randint(1, 9999), "weight": rng.randint(1, 2000)}
            for p in range(1, products + 1)
        ],
        "inventory": [
            {"upc": str(p), "inStock": rng.random() < 0.5, "shippingEstimate": rng.choice((None, p))}
            for p in range(1, products + 1)
        ],
        "reviews": found,
        "reviewsOfUser": of_user,
        "reviewsOfProduct": of_product,
    }


class World:
    """Looks things up in the data."""

    def __init__(self, data: Data, page: int) -> None:
        self.page = page
        self.users = {user["id"]: user for user in data["users"]}
        self.products = {product["upc"]: product for product in data["products"]}
        self.inventory = {entry["upc"]: entry for entry in data["inventory"]}
        self.reviews = {review["id"]: review for review in data["reviews"]}
        self.of_user: dict[str, list[str]] = data["reviewsOfUser"]
        self.of_product: dict[str, list[str]] = data["reviewsOfProduct"]


def _resolvers(world: World, name: str) -> dict[tuple[str, str], Callable[..., Any]]:
    def reviews(ids: list[str]) -> list[Data]:
        return [world.reviews[number] for number in ids]

    tables: dict[str, dict[tuple[str, str], Callable[..., Any]]] = {
        "accounts": {
            ("Query", "me"): lambda *_: world.users["1"],
            ("Query", "user"): lambda *_, id: world.users.get(id),  # noqa: A006 - the schema's name
            ("Query", "users"): lambda *_: list(world.users.values())[: world.page],
        },
        "products": {("Query", "topProducts"): lambda *_, first: list(world.products.values())[:first]},
        "inventory": {
            ("Product", "inStock"): lambda product, _: world.inventory[product["upc"]]["inStock"],
            ("Product", "shippingEstimate"): lambda product, _: world.inventory[product["upc"]]["shippingEstimate"],
        },
        "reviews": {
            ("Product", "reviews"): lambda product, _: reviews(world.of_product[product["upc"]]),
            ("User", "reviews"): lambda user, _: reviews(world.of_user[user["id"]]),
            ("Review", "product"): lambda review, _: world.products[review["product"]],
            ("Review", "author"): lambda review, _: world.users[review["author"]],
        },
    }
    return tables[name]


def build(name: str, sdl: str, world: World) -> GraphQLSchema:
    """An executable schema of one subgraph."""
    document = parse(sdl)
    extended = {d.name.value for d in document.definitions if isinstance(d, ObjectTypeExtensionNode)}
    defined = {d.name.value for d in document.definitions if isinstance(d, ObjectTypeDefinitionNode)}
    entities = sorted((extended | defined) - {"Query"})
    missing = "".join(f"type {typename}\n" for typename in sorted(extended - defined))
    machinery = f"""
        {missing}{"" if "Query" in extended else "type Query"}
        scalar _Any
        union _Entity = {" | ".join(entities)}
        extend type Query {{ _entities(representations: [_Any!]!): [_Entity]! }}
        directive @key(fields: String!) repeatable on OBJECT
        directive @external on FIELD_DEFINITION
        directive @requires(fields: String!) on FIELD_DEFINITION
        directive @provides(fields: String!) on FIELD_DEFINITION
    """
    kept = [d for d in document.definitions if d.kind not in ("schema_extension", "directive_definition")]
    base = build_ast_schema(parse("type Query { _none: Int }"))
    text = parse(machinery.replace("type Query\n", "").replace("type Query", "type Query", 1))
    definitions = (*(d for d in text.definitions if getattr(d, "name", None) and _keep(d)), *kept)
    schema = extend_schema(base, DocumentNode(definitions=tuple(definitions)), assume_valid=True)
    for (typename, field), resolve in _resolvers(world, name).items():
        schema.type_map[typename].fields[field].resolve = resolve  # type: ignore[attr-defined]
    query: Any = schema.type_map["Query"]
    query.fields["_entities"].resolve = lambda _root, _info, representations: [
        _entity(world, representation) for representation in representations
    ]
    return schema


def _keep(definition: Any) -> bool:
    return not (isinstance(definition, ObjectTypeDefinitionNode) and definition.name.value == "Query")


def _entity(world: World, representation: Data) -> Data:
    if representation["__typename"] == "User":
        return {**world.users[representation["id"]], "__typename": "User"}
    if representation["__typename"] == "Product":
        return {**world.products[representation["upc"]], "__typename": "Product"}
    return {**world.reviews[representation["id"]], "__typename": "Review"}


class Subgraphs:
    """An ASGI application with one path for each subgraph."""

    def __init__(self, data: Data, page: int) -> None:
        world = World(data, page)
        listed = json.loads((HERE / "subgraphs.json").read_text())
        self._schemas = {entry["name"]: build(entry["name"], entry["sdl"], world) for entry in listed}
        self._memory: dict[tuple[str, bytes], bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        reply = self.answer(scope["path"].strip("/"), body) if body else b"ready"
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(reply)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": reply})

    def answer(self, name: str, body: bytes) -> bytes:
        known = self._memory.get((name, body))
        if known is None:
            request = orjson.loads(body)
            result = graphql_sync(
                self._schemas[name],
                request["query"],
                variable_values=request.get("variables"),
                type_resolver=_type_of,
            )
            known = self._memory[name, body] = orjson.dumps(result.formatted)
        return known


def _type_of(value: Any, info: GraphQLResolveInfo[Any], abstract: Any) -> Any:
    return value.get("__typename") or default_type_resolver(value, info, abstract)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=4200)
    parser.add_argument("--distinct", action="store_true", help="a graph without repeated entities")
    given = parser.parse_args()
    app = Subgraphs(distinct() if given.distinct else published(), PAGE)
    uvicorn.run(app, host="127.0.0.1", port=given.port, log_level="error", access_log=False, lifespan="off")


if __name__ == "__main__":
    main()
