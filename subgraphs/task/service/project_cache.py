"""No projects at hand: every read goes to the store."""

from collections.abc import Collection, Mapping
from uuid import UUID

from subgraphs.task.domain.projects import Project


class NoProjectCache:
    """Implements the port `ProjectCache` where there is no Redis."""

    async def get(self, ids: Collection[UUID]) -> dict[UUID, Project]:
        return {}

    async def offer(self, projects: Collection[Project]) -> None:
        """Nothing is kept."""

    async def mark(self, ids: Collection[UUID]) -> str:
        return ""

    async def publish(self, mark: str, projects: Mapping[UUID, Project | None]) -> None:
        """Nothing is kept."""
