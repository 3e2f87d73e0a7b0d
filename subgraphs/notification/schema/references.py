"""Entities of other subgraphs that notifications point at."""

from __future__ import annotations

import strawberry
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet

_KNOWN_ELSEWHERE = Key(fields=FieldSet("id"), resolvable=False)


@strawberry.federation.type(keys=[_KNOWN_ELSEWHERE])
class Task:
    id: strawberry.ID


@strawberry.federation.type(keys=[_KNOWN_ELSEWHERE])
class Workspace:
    id: strawberry.ID


@strawberry.federation.type(keys=[_KNOWN_ELSEWHERE])
class Project:
    id: strawberry.ID
