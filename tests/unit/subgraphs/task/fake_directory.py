"""The owner of people in memory: answers what it was told, counts the questions, may be away."""

from dataclasses import dataclass, field
from uuid import UUID

from kit.errors import unavailable
from subgraphs.task.domain.memberships import Membership
from subgraphs.task.domain.profiles import Profile


@dataclass
class FakeDirectory:
    """Implements the port `Directory`."""

    memberships: dict[tuple[UUID, UUID], Membership] = field(default_factory=dict)
    profiles: dict[UUID, Profile] = field(default_factory=dict)
    asked: list[UUID] = field(default_factory=list)
    away: bool = False

    def knows(self, membership: Membership) -> None:
        self.memberships[membership.workspace_id, membership.user_id] = membership

    async def membership(self, workspace_id: UUID, user_id: UUID) -> Membership | None:
        self._ask(user_id)
        return self.memberships.get((workspace_id, user_id))

    async def profile(self, user_id: UUID) -> Profile | None:
        self._ask(user_id)
        return self.profiles.get(user_id)

    def _ask(self, user_id: UUID) -> None:
        self.asked.append(user_id)
        if self.away:
            raise unavailable("auth is not reachable.")
