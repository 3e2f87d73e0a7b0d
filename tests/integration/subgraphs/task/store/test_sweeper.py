"""What is over goes, in steps; what may still be asked for stays."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from kit.idempotency import AlreadyAnswered
from kit.ids import new_id
from subgraphs.task.store.connection import OwnConnection, Pool
from subgraphs.task.store.database import Database
from subgraphs.task.store.sweeper import EVENTS_KEPT, Sweeper
from tests.unit.subgraphs.task.port_suite import stored_project
from tests.unit.subgraphs.task.samples import a_caller, a_use


async def test_only_what_is_over_is_deleted_however_much_that_is(
    store: Database, pool: Pool, owner: OwnConnection
) -> None:
    project = await stored_project(store)
    fresh = replace(a_caller(project.workspace_id), use=a_use(key="fresh"))
    for number in range(5):
        use = replace(a_use(key=f"k{number}"), kept=timedelta(seconds=-1))
        async with store.write(replace(a_caller(project.workspace_id), use=use)) as work:
            await work.answer(project)
    async with store.write(fresh) as work:
        await work.answer(project)
    event_id = new_id()
    async with store.write(()) as work:
        await work.inbox.take(event_id)
    await owner.execute(
        "INSERT INTO inbox (consumer, event_id, at) SELECT 'task', gen_random_uuid(), now() - $1::interval FROM "
        "generate_series(1, 5)",
        EVENTS_KEPT + timedelta(minutes=1),
    )
    assert await Sweeper(pool, batch=2).sweep() == 10
    with pytest.raises(AlreadyAnswered):
        async with store.write(fresh):
            raise AssertionError("the answer is kept")
    async with store.write(()) as work:
        assert not await work.inbox.take(event_id)
    assert await Sweeper(pool).sweep() == 0


async def test_rows_that_somebody_holds_are_left_for_the_next_time(store: Database, pool: Pool) -> None:
    project = await stored_project(store)
    use = replace(a_use(), kept=timedelta(seconds=-1))
    async with store.write(replace(a_caller(project.workspace_id), use=use)) as work:
        await work.answer(project)
    async with pool.acquire() as holder, holder.transaction():
        await holder.execute("SET LOCAL taskflow.sweeping = 'on'")
        await holder.fetch("SELECT FROM idempotency_answers FOR UPDATE")
        assert await Sweeper(pool).sweep() == 0
    assert await Sweeper(pool).sweep() == 1


async def test_it_goes_on_until_it_is_cancelled(store: Database, pool: Pool) -> None:
    project = await stored_project(store)
    use = replace(a_use(), kept=timedelta(seconds=-1))
    async with store.write(replace(a_caller(project.workspace_id), use=use)) as work:
        await work.answer(project)
    sweeping = asyncio.create_task(Sweeper(pool, pause_seconds=0.01).run())

    async def swept() -> bool:
        async with pool.acquire() as watcher, watcher.transaction():
            await watcher.execute("SET LOCAL taskflow.sweeping = 'on'")
            left: int = await watcher.fetchval("SELECT count(*) FROM idempotency_answers")
            return left == 0

    async with asyncio.timeout(20):
        while not await swept():  # noqa: ASYNC110 - the database sets no event
            await asyncio.sleep(0.01)
    sweeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sweeping
