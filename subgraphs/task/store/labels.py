"""Rows of labels. Invariant: deleting a label touches no task; whoever reads tasks leaves deleted labels out."""

from collections.abc import Collection
from uuid import UUID

import asyncpg

from subgraphs.task.domain.labels import Label
from subgraphs.task.errors import label_name_taken
from subgraphs.task.store.connection import Connection

_COLUMNS = "id, workspace_id, project_id, name, color, version, deleted_at"
_ADD = f"INSERT INTO labels ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)"  # noqa: S608 - constants
_SAVE = "UPDATE labels SET name = $2, color = $3, version = $4, deleted_at = $5 WHERE id = $1"
_FIND = f"SELECT {_COLUMNS} FROM labels WHERE id = ANY ($1::uuid[])"  # noqa: S608 - constants
_LOCK = f"SELECT {_COLUMNS} FROM labels WHERE id = $1 FOR NO KEY UPDATE"  # noqa: S608 - constants
_OF_PROJECTS = f"""
SELECT {_COLUMNS} FROM labels WHERE project_id = ANY ($1::uuid[]) AND deleted_at IS NULL ORDER BY lower(name)
"""  # noqa: S608 - constants


class LabelRows:
    """Implements the port `Labels`."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, label: Label) -> None:
        await self._write(
            label, _ADD, label.id, label.workspace_id, label.project_id, label.name, label.color, label.version, None
        )

    async def save(self, label: Label) -> None:
        await self._write(label, _SAVE, label.id, label.name, label.color, label.version, label.deleted_at)

    async def _write(self, label: Label, statement: str, *values: object) -> None:
        try:
            await self._connection.execute(statement, *values)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "labels_name_taken":
                raise
            raise label_name_taken(label.name) from None

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Label]:
        return {row["id"]: Label(**dict(row)) for row in await self._connection.fetch(_FIND, list(ids))}

    async def lock(self, label_id: UUID) -> Label | None:
        row = await self._connection.fetchrow(_LOCK, label_id)
        return None if row is None else Label(**dict(row))

    async def of_projects(self, ids: Collection[UUID]) -> dict[UUID, tuple[Label, ...]]:
        labels = [Label(**dict(row)) for row in await self._connection.fetch(_OF_PROJECTS, list(ids))]
        return {one: tuple(label for label in labels if label.project_id == one) for one in ids}
