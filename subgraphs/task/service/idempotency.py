"""How a request under an idempotency key is told from another. Invariant: fields added later keep old keys valid."""

import dataclasses
import hashlib
from typing import TYPE_CHECKING
from uuid import UUID

import orjson

from subgraphs.task.errors import invalid
from subgraphs.task.service.ports import KeyUse

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

LONGEST_KEY = 200


class AlreadyDone(Exception):
    """An earlier request with the same key made the entity; whatever this one began must be rolled back."""

    def __init__(self, entity_id: UUID) -> None:
        super().__init__(str(entity_id))
        self.entity_id = entity_id


def key_use(caller: str, verb: str, key: str | None, request: "DataclassInstance") -> KeyUse | None:
    """The use of a key, when one was sent.

    Raises:
        DomainError: invalid key.
    """
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise invalid("idempotencyKey", f"An idempotency key has 1 to {LONGEST_KEY} printable characters")
    sent = {
        field.name: getattr(request, field.name)
        for field in dataclasses.fields(request)
        if getattr(request, field.name) != field.default
    }
    digest = hashlib.sha256(verb.encode() + orjson.dumps(sent, default=str, option=orjson.OPT_SORT_KEYS)).digest()
    return KeyUse(caller=caller, key=key, request_hash=digest)
