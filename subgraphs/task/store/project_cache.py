"""Projects in Redis. Invariant: what is read from here was committed and is not older than what its writer answered.

Who may see a project is decided by the reader, on the entity: its members stand in it.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from kit.redis import Versioned, VersionedCache
from subgraphs.task.domain.projects import Project

PREFIX = "task:project:1:"
"""The number is that of the entity's form: another one lives in other keys."""

_ADAPTER = TypeAdapter(Project)


class ProjectCache:
    """Implements the port `ProjectCache`."""

    def __init__(self, entries: VersionedCache) -> None:
        self._entries = entries

    async def get(self, ids: Collection[UUID]) -> dict[UUID, Project]:
        found = await self._entries.get([str(one) for one in ids])
        return {UUID(key): project for key, entry in found.items() if (project := _read(entry))}

    async def offer(self, projects: Collection[Project]) -> None:
        await self._entries.offer({str(one.id): _entry(one) for one in projects})

    async def mark(self, ids: Collection[UUID]) -> str:
        return await self._entries.mark([str(one) for one in ids])

    async def publish(self, mark: str, projects: Mapping[UUID, Project | None]) -> None:
        await self._entries.publish(
            mark, {str(one): None if project is None else _entry(project) for one, project in projects.items()}
        )


def _entry(project: Project) -> Versioned:
    return Versioned(project.version, _ADAPTER.dump_json(project))


def _read(entry: Versioned) -> Project | None:
    try:
        return _ADAPTER.validate_json(entry.body)
    except ValidationError:
        return None
