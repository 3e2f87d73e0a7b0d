"""A store in memory that keeps the promises of `service.ports`, told by the same suite as the real one.

A write works on a copy that replaces the state when its block ends well; only one write runs at a time.
"""

import asyncio
import copy
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from kit.idempotency import AlreadyAnswered, mismatch
from subgraphs.task.domain.announcements import Announcement
from subgraphs.task.domain.changes import TaskChange
from subgraphs.task.domain.comments import Comment, CommentChange
from subgraphs.task.domain.labels import Label
from subgraphs.task.domain.memberships import Caller, Membership, Rights
from subgraphs.task.domain.positions import of_number
from subgraphs.task.domain.profiles import Profile
from subgraphs.task.domain.projects import Project, ProjectState, may_see, reference
from subgraphs.task.domain.queries import NEWEST_FIRST, TaskQuery, matches, sort_value
from subgraphs.task.domain.tasks import Task
from subgraphs.task.errors import label_name_taken, project_key_taken
from subgraphs.task.service.ports import Activity, Count, Gap, Numbering, Page, Place, Ranked, Sight, Window
from subgraphs.task.store.answers import keep, read
from tests.unit.subgraphs.task.fake_recurrences import FakeRecurrences, RecurrenceState
from tests.unit.subgraphs.task.fake_sla import FakeSlaRows, SlaTables

T = TypeVar("T")


@dataclass
class State:
    """All rows."""

    projects: dict[UUID, Project] = field(default_factory=dict)
    counters: dict[UUID, int] = field(default_factory=dict)
    tasks: dict[UUID, Task] = field(default_factory=dict)
    activity: list[Activity] = field(default_factory=list)
    comments: dict[UUID, Comment] = field(default_factory=dict)
    memberships: dict[tuple[UUID, UUID], Membership] = field(default_factory=dict)
    profiles: dict[UUID, Profile] = field(default_factory=dict)
    labels: dict[UUID, Label] = field(default_factory=dict)
    answers: dict[tuple[str, str, str], tuple[bytes, object]] = field(default_factory=dict)
    inbox: dict[UUID, bool] = field(default_factory=dict)
    outbox: list[TaskChange | CommentChange | Announcement] = field(default_factory=list)
    recurrences: RecurrenceState = field(default_factory=RecurrenceState)
    sla: SlaTables = field(default_factory=SlaTables)


class FakeStore:
    """Implements the port `Store`."""

    def __init__(self) -> None:
        self.state = State()
        self._writing = asyncio.Lock()

    @asynccontextmanager
    async def write(self, sight: Sight, *, lock_task: UUID | None = None) -> AsyncIterator["FakeWork"]:
        async with self._writing:
            draft = State(**{name: copy.copy(rows) for name, rows in vars(self.state).items()})
            work = FakeWork(draft, sight, None)
            work.look()
            yield work
            work.check_kept()
            self.state = draft

    @asynccontextmanager
    async def read(self, sight: Sight, *, user_id: UUID | None = None) -> AsyncIterator["FakeWork"]:
        yield FakeWork(self.state, sight, user_id)


class FakeWork:
    """Implements the port `Work` and, being in memory, all of its parts."""

    def __init__(self, state: State, sight: Sight, user_id: UUID | None) -> None:
        viewer = sight if isinstance(sight, Caller) else None
        workspaces = viewer.workspaces if viewer else frozenset(cast("Iterable[UUID]", sight))
        self.projects = _Projects(state, workspaces, viewer)
        self.tasks = _Tasks(state, workspaces, viewer)
        self.lists = _Lists(state, workspaces, viewer)
        self.comments = _Comments(state, workspaces, viewer)
        self.memberships = _Memberships(state, workspaces, user_id)
        self.profiles = _Profiles(state)
        self.labels = _Labels(state, workspaces, viewer)
        self.inbox = _Inbox(state)
        self.recurrences = FakeRecurrences(
            state.recurrences, lambda project_id: self.projects.project(project_id) is not None, self.tasks.task
        )
        self.sla = FakeSlaRows(state.sla, state.projects, self.tasks.live, state.activity, state.memberships)
        self._answers = state.answers
        self._use = viewer.use if viewer else None
        self._kept = False

    def look(self) -> None:
        use = self._use
        for (owner, key, name), (fingerprint, answer) in list(self._answers.items()):
            if use and (owner, key) == (use.owner, use.key):
                if fingerprint != use.fingerprint:
                    raise mismatch(key)
                if name == use.field:
                    raise AlreadyAnswered(answer)

    async def answer(self, value: T) -> T:
        if self._use:
            # As the rows do: what cannot be read again is not kept.
            self._answers[self._use.owner, self._use.key, self._use.field] = (self._use.fingerprint, read(keep(value)))
            self._kept = True
        return value

    def check_kept(self) -> None:
        assert self._use is None or self._kept, "the mutation answered nothing to keep"


@dataclass(frozen=True)
class _Rows:
    state: State
    workspaces: frozenset[UUID]
    viewer: Caller | None = None

    def project(self, project_id: UUID) -> Project | None:
        project = self.state.projects.get(project_id)
        return project if project and project.workspace_id in self.workspaces and not self._hidden(project) else None

    def _hidden(self, project: Project) -> bool:
        viewer = self.viewer
        return bool(viewer and project.workspace_id in viewer.confined and not may_see(project, viewer.user_id))

    def task(self, task_id: UUID) -> Task | None:
        task = self.state.tasks.get(task_id)
        if task is None or self.project(task.project.id) is None:
            return None
        known = [self.state.labels.get(label.id, label) for label in task.labels]
        return replace(
            task,
            project=reference(self.state.projects[task.project.id]),
            status=next(one for one in self.state.projects[task.project.id].statuses if one.id == task.status.id),
            labels=tuple(label for label in known if label.deleted_at is None),
        )


class _Projects(_Rows):
    async def add(self, project: Project) -> None:
        names = {(other.workspace_id, other.key) for other in self.state.projects.values()}
        if (project.workspace_id, project.key) in names:
            raise project_key_taken(project.key)
        self.state.projects[project.id] = project
        self.state.counters[project.id] = 0

    async def save(self, project: Project) -> None:
        self.state.projects[project.id] = project

    async def save_workflow(self, project: Project) -> None:
        await self.save(project)

    async def lock_status(self, status_id: UUID) -> None:
        """Only one write runs at a time here."""

    async def announce(self, announcement: Announcement) -> None:
        self.state.outbox.append(announcement)

    async def forget_member(self, workspace_id: UUID, user_id: UUID) -> None:
        for project in list(self.state.projects.values()):
            if project.workspace_id == workspace_id and user_id in project.member_ids:
                left = tuple(member for member in project.member_ids if member != user_id)
                await self.save(replace(project, member_ids=left, version=project.version + 1))

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Project]:
        return {project_id: project for project_id in ids if (project := self.project(project_id))}

    async def lock(self, project_id: UUID) -> Project | None:
        return self.project(project_id)

    async def take_number(self, project_id: UUID, *, members: Collection[UUID]) -> Numbering | None:
        project = self.project(project_id)
        if project is None:
            return None
        self.state.counters[project_id] += 1
        known = await _Memberships(self.state, self.workspaces, None).members(project.workspace_id, members)
        return Numbering(project=project, number=self.state.counters[project_id], members=frozenset(known))

    async def of_workspaces(
        self, ids: Collection[UUID], window: Window, state: ProjectState
    ) -> dict[UUID, Page[Project]]:
        visible = [
            row for project_id in self.state.projects if (row := self.project(project_id)) and row.state is state
        ]
        return {
            workspace_id: _page([row for row in visible if row.workspace_id == workspace_id], window, _by_id)
            for workspace_id in ids
        }


class _Tasks(_Rows):
    async def add(self, change: TaskChange) -> None:
        await self.save([change])

    async def save(self, changes: Sequence[TaskChange]) -> None:
        for change in changes:
            task = change.task
            self.state.tasks[task.id] = task
            values = change.values
            self.state.activity.append(
                Activity(
                    id=change.id,
                    task_id=task.id,
                    version=change.task.version,
                    kind=change.kind,
                    actor_id=change.actor_id,
                    changes={
                        name: {"from": change.previous[name], "to": values[name]} for name in sorted(change.changed)
                    },
                    at=change.task.updated_at,
                )
            )
        self.state.outbox.extend(changes)

    async def watch(self, task_id: UUID, user_id: UUID, *, watching: bool) -> None:
        task = self.state.tasks[task_id]
        others = tuple(one for one in task.watcher_ids if one != user_id)
        self.state.tasks[task_id] = replace(task, watcher_ids=(*others, user_id) if watching else others)

    async def lock(self, ids: Collection[UUID]) -> None:
        """Only one write runs at a time here."""

    async def lock_board(self, project_id: UUID) -> None:
        """Only one write runs at a time here."""

    async def lock_graph(self, workspace_id: UUID) -> None:
        """Only one write runs at a time here."""

    async def waits_for(self, task_id: UUID, blocker_ids: Collection[UUID]) -> bool:
        return self._reaches(task_id, blocker_ids, lambda task: task.blocked_by_ids)

    async def is_above(self, task_id: UUID, parent_id: UUID) -> bool:
        return self._reaches(task_id, [parent_id], lambda task: [task.parent_id] if task.parent_id else [])

    def _reaches(self, wanted: UUID, start: Iterable[UUID], further: Callable[[Task], Iterable[UUID]]) -> bool:
        seen: set[UUID] = set()
        waiting = list(start)
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += further(self.state.tasks[one])
        return wanted in seen

    async def gap(self, project_id: UUID, place: str | None, *, behind: bool, without: UUID) -> Gap:
        places = sorted(task.position for task in self._board(project_id) if task.id != without)
        end = of_number(self.state.counters[project_id] + 1)
        if place is not None and behind:
            return Gap(place, next((one for one in places if one > place), end))
        high = place or end
        return Gap(next((one for one in reversed(places) if one < high), ""), high)

    async def places_around(self, project_id: UUID, place: str, count: int) -> tuple[Sequence[Place], Gap]:
        ordered = [Place(task.id, task.position) for task in self._board(project_id)]
        before = [one for one in ordered if one.position <= place]
        behind = [one for one in ordered if one.position > place]
        low = before[-count - 1].position if len(before) > count else ""
        high = behind[count].position if len(behind) > count else of_number(self.state.counters[project_id] + 1)
        return [*before[-count:], *behind[:count]], Gap(low, high)

    def _board(self, project_id: UUID) -> list[Task]:
        mine = [task for task in self.state.tasks.values() if task.project.id == project_id]
        return sorted(mine, key=lambda task: (task.position, task.id))

    async def in_status(self, project_id: UUID, status_id: UUID, limit: int) -> Sequence[UUID]:
        return [task.id for task in self._board(project_id) if task.status.id == status_id][:limit]

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Task]:
        return {task_id: task for task_id in ids if (task := self.task(task_id))}

    async def changed_since(self, task_id: UUID, version: int) -> list[str]:
        entries = [entry for entry in self.state.activity if entry.task_id == task_id and entry.version > version]
        return list(dict.fromkeys(name for entry in entries for name in entry.changes))

    async def subtasks(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Task]]:
        return {one: _page([task for task in self.live() if task.parent_id == one], window, _by_id) for one in ids}

    async def blocked_by(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Task]]:
        return {one: _page([task for task in self.live() if one in task.blocked_by_ids], window, _by_id) for one in ids}

    async def activity(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Activity]]:
        visible = [task_id for task_id in ids if self.task(task_id)]
        entries = [entry for entry in self.state.activity if entry.task_id in visible]
        return {
            task_id: _page([entry for entry in entries if entry.task_id == task_id], window, lambda row: -row.version)
            for task_id in ids
        }

    def live(self) -> list[Task]:
        return [task for task_id in self.state.tasks if (task := self.task(task_id)) and task.deleted_at is None]


class _Lists(_Tasks):
    async def of_projects(self, ids: Collection[UUID], window: Window, query: TaskQuery) -> dict[UUID, Page[Task]]:
        return {
            one: _sorted_page([task for task in self._fitting(query) if task.project.id == one], window, query)
            for one in ids
        }

    async def of_workspace(self, workspace_id: UUID, window: Window, query: TaskQuery) -> Page[Task]:
        return _sorted_page(self._in(workspace_id, query), window, query)

    async def assigned_to(self, user_id: UUID, window: Window, query: TaskQuery) -> Page[Task]:
        return _sorted_page(self._of(user_id, query), window, query)

    async def count_of_project(self, project_id: UUID, query: TaskQuery) -> Count:
        return Count(sum(1 for task in self._fitting(query) if task.project.id == project_id), True)

    async def count_of_workspace(self, workspace_id: UUID, query: TaskQuery) -> Count:
        return Count(len(self._in(workspace_id, query)), True)

    async def count_assigned_to(self, user_id: UUID, query: TaskQuery) -> Count:
        return Count(len(self._of(user_id, query)), True)

    async def search(
        self, workspace_id: UUID, words: str, window: Window, *, project_id: UUID | None = None
    ) -> Page[Ranked]:
        found = [
            Ranked(task, sum(task.title.lower().count(word) for word in words.lower().split()) / 10)
            for task in self._in(workspace_id, NEWEST_FIRST)
            if all(word in f"{task.key} {task.title} {task.description}".lower() for word in words.lower().split())
            and project_id in (None, task.project.id)
        ]
        ordered = sorted(found if words.strip() else [], key=lambda one: (one.rank, one.id), reverse=True)
        if window.after is not None:
            ordered = [one for one in ordered if (one.rank, one.id) < (window.at, window.after)]
        return Page(tuple(ordered[: window.first]), len(ordered) > window.first)

    def _fitting(self, query: TaskQuery) -> list[Task]:
        return [task for task in self.live() if matches(task, query.filter)]

    def _in(self, workspace_id: UUID, query: TaskQuery) -> list[Task]:
        return [one for one in self._fitting(query) if one.workspace_id == workspace_id and self._active(one)]

    def _of(self, user_id: UUID, query: TaskQuery) -> list[Task]:
        return [one for one in self._fitting(query) if user_id in one.assignee_ids and self._active(one)]

    def _active(self, task: Task) -> bool:
        return self.state.projects[task.project.id].state is ProjectState.ACTIVE


class _Labels(_Rows):
    async def add(self, label: Label) -> None:
        await self.save(label)

    async def save(self, label: Label) -> None:
        for other in self.state.labels.values():
            same = (other.project_id, other.name.lower()) == (label.project_id, label.name.lower())
            if same and other.id != label.id and other.deleted_at is None and label.deleted_at is None:
                raise label_name_taken(label.name)
        self.state.labels[label.id] = label

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Label]:
        found = {one: self.state.labels[one] for one in ids if one in self.state.labels}
        return {one: label for one, label in found.items() if self.project(label.project_id)}

    async def lock(self, label_id: UUID) -> Label | None:
        return (await self.find([label_id])).get(label_id)

    async def of_projects(self, ids: Collection[UUID]) -> dict[UUID, tuple[Label, ...]]:
        there = [label for label in (await self.find(self.state.labels)).values() if label.deleted_at is None]
        ordered = sorted(there, key=lambda label: label.name.lower())
        return {one: tuple(label for label in ordered if label.project_id == one) for one in ids}


class _Comments(_Rows):
    async def add(self, added: CommentChange) -> None:
        await self.save(added)

    async def save(self, change: CommentChange) -> None:
        self.state.comments[change.comment.id] = change.comment
        self.state.outbox.append(change)

    async def react(self, change: CommentChange, emoji: str, at: datetime) -> None:
        await self.unreact(change, emoji)

    async def unreact(self, change: CommentChange, emoji: str) -> None:
        before = self.state.comments[change.comment.id]
        await self.save(replace(change, comment=replace(change.comment, updated_at=before.updated_at)))

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Comment]:
        return {row.id: row for row in self._visible() if row.id in ids}

    async def of_tasks(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Comment]]:
        return {
            task_id: _page([row for row in self._visible() if row.task_id == task_id], window, _by_id)
            for task_id in ids
        }

    async def threads(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Comment]]:
        first = [row for row in self._visible() if row.parent_id is None]
        return {one: _page([row for row in first if row.task_id == one], window, _by_id) for one in ids}

    async def replies(self, ids: Collection[UUID], window: Window) -> dict[UUID, Page[Comment]]:
        return {one: _page([row for row in self._visible() if row.parent_id == one], window, _by_id) for one in ids}

    def _visible(self) -> list[Comment]:
        return [comment for comment in self.state.comments.values() if self.task(comment.task_id)]


@dataclass(frozen=True)
class _Memberships:
    state: State
    workspaces: frozenset[UUID]
    user_id: UUID | None

    async def put(self, membership: Membership) -> bool:
        key = (membership.workspace_id, membership.user_id)
        known = self.state.memberships.get(key)
        if known and known.version >= membership.version:
            return False
        self.state.memberships[key] = membership
        return True

    async def members(self, workspace_id: UUID, user_ids: Collection[UUID]) -> set[UUID]:
        return {
            row.user_id
            for row in self.state.memberships.values()
            if row.role
            and row.workspace_id == workspace_id
            and row.user_id in user_ids
            and workspace_id in self.workspaces
        }

    async def everybody(self, workspace_id: UUID) -> set[UUID]:
        if workspace_id not in self.workspaces:
            return set()
        return {row.user_id for row in self.state.memberships.values() if row.role and row.workspace_id == workspace_id}

    async def of_user(self, user_id: UUID) -> dict[UUID, Rights]:
        return {
            row.workspace_id: row.rights
            for row in self.state.memberships.values()
            if row.role and row.user_id == user_id and (row.workspace_id in self.workspaces or user_id == self.user_id)
        }


@dataclass(frozen=True)
class _Profiles:
    state: State

    async def put(self, profile: Profile) -> bool:
        known = self.state.profiles.get(profile.id)
        if known and known.version >= profile.version:
            return False
        self.state.profiles[profile.id] = profile
        return True

    async def find(self, ids: Collection[UUID]) -> dict[UUID, Profile]:
        return {user_id: self.state.profiles[user_id] for user_id in ids if user_id in self.state.profiles}

    async def with_emails(self, emails: Collection[str]) -> dict[str, UUID]:
        known = {profile.email.lower(): profile.id for profile in self.state.profiles.values()}
        return {email: known[email] for email in emails if email in known}


@dataclass(frozen=True)
class _Inbox:
    state: State

    async def take(self, event_id: UUID) -> bool:
        if event_id in self.state.inbox:
            return False
        self.state.inbox[event_id] = True
        return True

    async def mark_ignored(self, event_id: UUID) -> None:
        self.state.inbox[event_id] = False


def _by_id(row: Project | Task | Comment) -> int:
    return row.id.int


def _newest_id(row: Task) -> int:
    return -row.id.int


def _page(rows: list[T], window: Window, order: Callable[[T], int]) -> Page[T]:
    ordered = sorted(rows, key=order)
    if window.after is not None:
        ordered = _behind(ordered, window.after, order)
    return Page(tuple(ordered[: window.first]), len(ordered) > window.first)


def _behind(ordered: list[T], after: UUID, order: Callable[[T], int]) -> list[T]:
    marker = next((order(row) for row in ordered if getattr(row, "id", None) == after), None)
    if marker is None:
        # The row is gone meanwhile: lists ordered by id go on from its place.
        sign = -1 if order == _newest_id else 1
        marker = sign * after.int
    return [row for row in ordered if order(row) > marker]


def _sorted_page(rows: list[Task], window: Window, query: TaskQuery) -> Page[Task]:
    def place(task: Task) -> Any:
        return sort_value(task, query.sort.field), task.id

    ordered = sorted(rows, key=place, reverse=query.sort.descending)
    if window.after is not None:
        mark: Any = (window.after if window.at is None else window.at, window.after)
        down = query.sort.descending
        ordered = [task for task in ordered if (place(task) < mark if down else place(task) > mark)]
    return Page(tuple(ordered[: window.first]), len(ordered) > window.first)
