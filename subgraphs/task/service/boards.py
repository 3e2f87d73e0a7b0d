"""Moving tasks on boards. Invariant: moves of one project wait for each other, so two never land in one place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from kit.clock import Clock
from proto.permissions import Permission
from subgraphs.task.domain.changes import reposition, revise
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.positions import LONGEST, between, spread
from subgraphs.task.domain.tasks import Task, TaskPatch
from subgraphs.task.domain.unset import UNSET, Unset
from subgraphs.task.errors import invalid, not_found
from subgraphs.task.service.edits import check_task_version, resolve
from subgraphs.task.service.memberships import Viewer
from subgraphs.task.service.ports import Gap, Place, Store, Work
from subgraphs.task.service.tasks import for_change

NEIGHBOURS = 100
"""How many tasks on each side are spread anew when a place has become too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Where a task goes: directly behind or before another one, or behind all; and into which state, if any."""

    task_id: UUID
    after_id: UUID | None = None
    before_id: UUID | None = None
    status: str | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Boards:
    """What can be done on boards."""

    store: Store
    clock: Clock
    new_id: Callable[[], UUID]

    async def move(self, viewer: Viewer, move: Move, *, expected_version: int | None = None) -> Task:
        """The task in its new place.

        Raises:
            DomainError: NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, TASK_DELETED, invalid.
        """
        if move.after_id is not None and move.before_id is not None:
            raise invalid("beforeId", "Name the task before or the one behind, not both")
        if move.task_id in (move.after_id, move.before_id):
            raise invalid("id", "A task cannot stand beside itself")
        return await viewer.attempt(lambda caller: self._move(caller, move, expected_version))

    async def _move(self, caller: Caller, move: Move, expected: int | None) -> Task:
        async with self.store.write(caller) as work:
            project_id = (await for_change(work, caller, move.task_id, Permission.TASK_UPDATE)).project.id
            await work.tasks.lock_board(project_id)
            gap = await self._gap(work, project_id, move)
            neighbours, room = await self._neighbours(work, project_id, gap, without=move.task_id)
            await work.tasks.lock([move.task_id, *(place.id for place in neighbours)])
            task = await for_change(work, caller, move.task_id, Permission.TASK_UPDATE)
            positions = _placed(task, gap, neighbours, room)
            patch = TaskPatch(position=positions.pop(task.id), status=move.status)
            await check_task_version(work, task, expected, patch)
            named = await resolve(work, task, patch)
            now = self.clock.now()
            changes = revise(task, patch, moved_to=named.moved_to, new_id=self.new_id, actor_id=caller.user_id, now=now)
            others = await work.tasks.find(positions)
            aside = [
                reposition(others[one], position, change_id=self.new_id(), actor_id=caller.user_id, now=now)
                for one, position in positions.items()
            ]
            if changes or aside:
                await work.tasks.save([*changes, *aside])
            return await work.answer(changes[-1].task if changes else task)

    @staticmethod
    async def _gap(work: Work, project_id: UUID, move: Move) -> Gap:
        anchor_id = move.after_id or move.before_id
        if anchor_id is None:
            return await work.tasks.gap(project_id, None, behind=True, without=move.task_id)
        anchor = (await work.tasks.find([anchor_id])).get(anchor_id)
        if anchor is None or anchor.project.id != project_id:
            raise not_found("neighbour")
        return await work.tasks.gap(project_id, anchor.position, behind=move.after_id is not None, without=move.task_id)

    @staticmethod
    async def _neighbours(work: Work, project_id: UUID, gap: Gap, *, without: UUID) -> tuple[Sequence[Place], Gap]:
        """Whoever has to make room, and how much room they share: nobody as long as places are short."""
        if len(between(gap.low, gap.high)) <= LONGEST:
            return (), gap
        places, room = await work.tasks.places_around(project_id, gap.low, NEIGHBOURS)
        return [place for place in places if place.id != without], room


def _placed(task: Task, gap: Gap, neighbours: Sequence[Place], room: Gap) -> dict[UUID, str]:
    """The place of the task and, where neighbours make room, theirs."""
    if not neighbours:
        there = gap.low < task.position < gap.high
        return {task.id: task.position if there else between(gap.low, gap.high)}
    at = sum(1 for place in neighbours if place.position <= gap.low)
    order = [place.id for place in neighbours]
    order.insert(at, task.id)
    return dict(zip(order, spread(room.low, room.high, len(order)), strict=True))
