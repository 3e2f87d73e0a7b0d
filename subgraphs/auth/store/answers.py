"""Owns the collection of answers under idempotency keys. What is read equals what was kept, but for the hash of a
password, which no answer needs; an answer goes after its time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from pymongo import ASCENDING, IndexModel

from kit.clock import Clock
from kit.idempotency import KeyUse
from kit.ids import derive_id
from subgraphs.auth.domain.invitations import Invitation
from subgraphs.auth.domain.memberships import Membership
from subgraphs.auth.domain.roles import CustomRole
from subgraphs.auth.domain.users import User
from subgraphs.auth.domain.workspaces import Workspace
from subgraphs.auth.service.ports import KeptAnswer
from subgraphs.auth.store.documents import Context, Shelf, Stored

_ADAPTERS: Mapping[str, TypeAdapter[Any]] = {
    kind.__name__: TypeAdapter(kind) for kind in (Workspace, Membership, Invitation, CustomRole, User)
}
_SECRET = "password_hash"  # noqa: S105  # the name of a field


class AnswerDocument(Stored):
    """The answer of one mutation field; the id follows from owner, key and field."""

    version: int = 1
    owner_key: UUID
    field: str
    fingerprint: bytes
    several: bool
    entities: list[dict[str, Any]]
    purge_at: datetime

    class Settings:
        name = "answers"
        keep_nulls = False
        indexes = (
            IndexModel([("owner_key", ASCENDING)], name="key"),
            IndexModel([("purge_at", ASCENDING)], name="purge", expireAfterSeconds=0),
        )


class MongoAnswers:
    """Implements `service.ports.Answers`."""

    def __init__(self, context: Context, clock: Clock) -> None:
        self._shelf = Shelf(AnswerDocument, context)
        self._clock = clock

    async def under(self, owner: str, key: str) -> list[KeptAnswer]:
        found = await self._shelf.many({"owner_key": derive_id(owner, key)})
        return [
            KeptAnswer(field=one.field, fingerprint=one.fingerprint, answer=_read(one.entities, several=one.several))
            for one in found
        ]

    async def keep(self, use: KeyUse, answer: object) -> None:
        entities = answer if isinstance(answer, tuple) else (answer,)
        document = AnswerDocument(
            id=derive_id(use.owner, use.key, use.field),
            owner_key=derive_id(use.owner, use.key),
            field=use.field,
            fingerprint=use.fingerprint,
            several=isinstance(answer, tuple),
            entities=[_kept(entity) for entity in entities],
            purge_at=self._clock.now() + use.kept,
        )
        await self._shelf.add(document, ())


def _kept(entity: object) -> dict[str, Any]:
    """Raises TypeError for what no mutation answers."""
    kind = type(entity).__name__
    if kind not in _ADAPTERS:
        raise TypeError(f"no mutation answers a {kind}")
    return {"kind": kind, "value": _ADAPTERS[kind].dump_python(entity, exclude={_SECRET})}


def _read(entities: list[dict[str, Any]], *, several: bool) -> object:
    found = []
    for one in entities:
        secret = {_SECRET: ""} if one["kind"] == User.__name__ else {}
        found.append(_ADAPTERS[one["kind"]].validate_python({**one["value"], **secret}))
    return tuple(found) if several else found[0]
