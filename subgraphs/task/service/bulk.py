"""Many tasks changed at once. Invariant: one transaction; each item is done wholly or refused with its own reason."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from kit.clock import Clock
from kit.errors import DomainError
from proto.permissions import Permission
from subgraphs.task.domain.changes import TaskChange, revise
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.projects import ensure_open
from subgraphs.task.domain.tasks import Task, TaskPatch
from subgraphs.task.domain.unset import UNSET
from subgraphs.task.errors import invalid, not_found, not_members
from subgraphs.task.service.edits import check_task_version, resolve, touches_graph
from subgraphs.task.service.memberships import MembersUnknown, Viewer, require
from subgraphs.task.service.ports import Store, Work

MOST_ITEMS = 100
MOST_PEOPLE = 500
Person: TypeAlias = tuple[UUID, UUID]  # a workspace and somebody who should belong to it


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkItem:
    """What becomes of one task."""

    task_id: UUID
    patch: TaskPatch
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkResult:
    """The task after its change, or why it was refused."""

    task_id: UUID
    task: Task | None = None
    error: DomainError | None = None


class NothingDone(Exception):
    """One item was refused and the caller wants all or nothing: rolls the transaction back."""

    def __init__(self, results: list[BulkResult]) -> None:
        super().__init__()
        self.results = results


class PeopleUnknown(Exception):
    """Those whom the items name and the replica does not know: rolls the transaction back, then they are asked for."""

    def __init__(self, people: Iterable[Person]) -> None:
        super().__init__()
        self.people = tuple(people)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """What can be done with many tasks at once."""

    store: Store
    clock: Clock
    new_id: Callable[[], UUID]

    async def update(self, viewer: Viewer, items: Sequence[BulkItem], *, all_or_nothing: bool) -> list[BulkResult]:
        """What became of each item, in their order; with `all_or_nothing` one refusal undoes the rest.

        Raises:
            DomainError: invalid, when there are too many items or none, or too many people are named.
        """
        if not 0 < len(items) <= MOST_ITEMS:
            raise invalid("updates", f"Between 1 and {MOST_ITEMS} tasks can be changed at once, not {len(items)}")
        if len({one for item in items for one in _assigned(item.patch)}) > MOST_PEOPLE:
            raise invalid("updates", f"At most {MOST_PEOPLE} different people can be assigned at once")
        await viewer.widen()
        asked: set[Person] = set()
        while True:
            try:
                return await viewer.attempt(lambda caller: self._update(caller, items, all_or_nothing, asked))
            except NothingDone as nothing:
                return nothing.results
            except PeopleUnknown as unknown:
                # Whom the owner of memberships does not know either is the reason of their items alone.
                for workspace_id, user_id in unknown.people:
                    await viewer.ask_about(workspace_id, user_id)
                asked.update(unknown.people)

    async def _update(
        self, caller: Caller, items: Sequence[BulkItem], all_or_nothing: bool, asked: set[Person]
    ) -> list[BulkResult]:
        async with self.store.write(caller) as work:
            ids = list(dict.fromkeys(item.task_id for item in items))
            await work.tasks.lock(ids)
            tasks = await work.tasks.find(ids)
            results: list[BulkResult] = []
            changes: list[TaskChange] = []
            unknown: list[Person] = []
            for item in items:
                if touches_graph(item.patch) and changes:
                    # Circles are looked for in the rows, so the rows must show what the items before this one did.
                    await work.tasks.save(changes)
                    changes = []
                try:
                    made = await self._change(work, caller, tasks.get(item.task_id), item, asked)
                except PeopleUnknown as found:
                    unknown += found.people
                    continue
                except DomainError as error:
                    results.append(BulkResult(task_id=item.task_id, error=error))
                    continue
                changes += made
                if made:
                    tasks[item.task_id] = made[-1].task
                results.append(BulkResult(task_id=item.task_id, task=tasks[item.task_id]))
            if unknown:
                raise PeopleUnknown(dict.fromkeys(unknown))
            if all_or_nothing and any(result.error for result in results):
                raise NothingDone([result for result in results if result.error])
            if changes:
                await work.tasks.save(changes)
            return await work.answer(results)

    async def _change(
        self, work: Work, caller: Caller, task: Task | None, item: BulkItem, asked: set[Person]
    ) -> list[TaskChange]:
        if task is None:
            raise not_found("task")
        require(caller, Permission.TASK_UPDATE, task.workspace_id)
        ensure_open(task.project)
        await check_task_version(work, task, item.expected_version, item.patch)
        try:
            named = await resolve(work, task, item.patch)
        except MembersUnknown as unknown:
            people = [(unknown.workspace_id, user_id) for user_id in unknown.user_ids]
            if asked.issuperset(people):
                raise not_members(unknown.field, unknown.user_ids) from None
            raise PeopleUnknown(people) from None
        return revise(
            task,
            item.patch,
            moved_to=named.moved_to,
            labels=named.labels,
            new_id=self.new_id,
            actor_id=caller.user_id,
            now=self.clock.now(),
        )


def _assigned(patch: TaskPatch) -> Sequence[UUID]:
    return () if patch.assignee_ids is UNSET else patch.assignee_ids
