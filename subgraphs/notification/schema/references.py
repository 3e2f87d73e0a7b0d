"""Entities of other subgraphs that notifications point at."""

from __future__ import annotations

import strawberry
from strawberry.federation.schema_directives import Key


@strawberry.federation.type(keys=[Key(fields="id", resolvable=False)])
class Task:
    id: strawberry.ID


@strawberry.federation.type(keys=[Key(fields="id", resolvable=False)])
class Workspace:
    id: strawberry.ID
