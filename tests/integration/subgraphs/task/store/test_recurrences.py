"""Occurrences in PostgreSQL: asked for by many at once, each becomes one task."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from kit.ids import new_id
from proto.permissions import TABLE, Role
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.recurrences import Outcome, Overlap, Series, SeriesDraft, SeriesState, Template
from subgraphs.task.service.memberships import Memberships, Viewer
from subgraphs.task.service.recurrences import Recurrences
from subgraphs.task.service.tasks import Tasks
from subgraphs.task.store.connection import OwnConnection
from subgraphs.task.store.database import Database
from tests.unit.subgraphs.task.fake_directory import FakeDirectory
from tests.unit.subgraphs.task.port_suite import stored_project
from tests.unit.subgraphs.task.recurrence_suite import a_rule
from tests.unit.subgraphs.task.samples import FakeClock


async def started(store: Database, overlap: Overlap) -> tuple[Recurrences, FakeClock, Series]:
    clock, memberships = FakeClock(), Memberships(store, FakeDirectory())
    tasks = Tasks(store=store, clock=clock, new_id=new_id)
    recurrences = Recurrences(store=store, clock=clock, new_id=new_id, tasks=tasks, memberships=memberships)
    project = await stored_project(store)
    caller = Caller(user_id=new_id(), rights={project.workspace_id: TABLE[Role.MEMBER]})
    template = Template(title="Water", due_after=timedelta(minutes=10))
    draft = SeriesDraft(project_id=project.id, rule=a_rule("0 * * * *"), template=template, overlap=overlap)
    series = await recurrences.create(Viewer(caller, memberships), draft)
    clock.advance(timedelta(hours=2))
    return recurrences, clock, series


async def test_many_who_ask_at_once_get_the_same_task(store: Database, owner: OwnConnection) -> None:
    recurrences, _, series = await started(store, Overlap.ALLOW)
    plans = await asyncio.gather(*(recurrences.settle(series.workspace_id, series.id) for _ in range(4)))
    [due] = {plan.due for plan in plans}
    assert len(due) == 3
    asked = [recurrences.create_task(series.workspace_id, series.id, instant) for instant in due for _ in range(4)]
    found = await asyncio.gather(*asked)
    assert {one.outcome for one in found} == {Outcome.CREATED}
    assert len({one.task_id for one in found}) == 3
    async with store.read([series.workspace_id]) as work:
        tasks = await work.tasks.find([one.task_id for one in found if one.task_id is not None])
    assert sorted(task.number for task in tasks.values()) == [1, 2, 3], "what lost the race took no number"
    told = await owner.fetch("SELECT topic FROM outbox WHERE tenant = $1", series.workspace_id)
    assert [row["topic"] for row in told].count("task.created") == 3


async def test_an_occurrence_is_left_out_while_the_task_before_is_open(store: Database) -> None:
    recurrences, clock, series = await started(store, Overlap.SKIP)
    plan = await recurrences.settle(series.workspace_id, series.id)
    found = [await recurrences.create_task(series.workspace_id, series.id, instant) for instant in plan.due]
    assert [one.outcome for one in found] == [Outcome.CREATED, Outcome.OVERLAPPED, Outcome.OVERLAPPED]
    caller = Caller(user_id=series.created_by, rights={series.workspace_id: TABLE[Role.MEMBER]})
    viewer = Viewer(caller, recurrences.memberships)
    paused = await recurrences.turn(viewer, series.id, SeriesState.PAUSED)
    assert paused == replace(
        series, state=SeriesState.PAUSED, version=2, decided_until=clock.now(), updated_at=clock.now()
    )
    assert (await recurrences.settle(series.workspace_id, series.id)).next == ()
