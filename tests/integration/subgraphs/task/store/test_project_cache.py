"""Projects from Redis: nobody reads less than what they wrote, and nobody sees what is not theirs to see."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from kit.ids import new_id
from kit.kafka import WakeUp
from kit.redis import VersionedCache, caching_client
from proto.permissions import TABLE, Role
from subgraphs.task.domain.memberships import Caller
from subgraphs.task.domain.projects import Project, ProjectDraft, ProjectPatch, Visibility
from subgraphs.task.events.published import encode
from subgraphs.task.service.memberships import Memberships, Viewer
from subgraphs.task.service.projects import Projects
from subgraphs.task.store.connection import Pool
from subgraphs.task.store.database import Database
from subgraphs.task.store.project_cache import ProjectCache
from tests.unit.subgraphs.task.fake_directory import FakeDirectory
from tests.unit.subgraphs.task.samples import FakeClock


class Process:
    """One of several task processes over the same database and Redis."""

    def __init__(self, pool: Pool, url: str, prefix: str) -> None:
        self.client = caching_client(url, "test")
        self.cache = ProjectCache(VersionedCache(self.client, prefix))
        self.store = Database(pool, encode=encode, committed=WakeUp().committed, projects=self.cache)
        self.projects = Projects(store=self.store, clock=FakeClock(), new_id=new_id, cache=self.cache)

    def viewer(self, workspace_id: UUID, user_id: UUID, role: Role = Role.MEMBER) -> Viewer:
        memberships = Memberships(self.store, FakeDirectory())
        return Viewer(Caller(user_id=user_id, rights={workspace_id: TABLE[role]}), memberships)


@pytest.fixture
async def processes(pool: Pool, redis_url: str) -> AsyncIterator[list[Process]]:
    prefix = f"test:{secrets.token_hex(6)}:"
    opened = [Process(pool, redis_url, prefix) for _ in range(3)]
    yield opened
    for process in opened:
        await process.client.aclose()


async def created(process: Process, workspace_id: UUID, ada: UUID) -> Project:
    draft = ProjectDraft(workspace_id=workspace_id, key="ENG", name="0", visibility=Visibility.PRIVATE)
    return await process.projects.create(process.viewer(workspace_id, ada), draft)


async def test_nobody_reads_less_than_what_they_wrote_in_whichever_process(processes: list[Process]) -> None:
    here, ada = new_id(), new_id()
    project = await created(processes[0], here, ada)
    dice = random.Random(3)

    async def write_and_read(number: int) -> None:
        for step in range(6):
            writer, reader = dice.choices(processes, k=2)
            patch = ProjectPatch(name=f"{number}.{step}")
            wrote = await writer.projects.update(writer.viewer(here, ada), project.id, patch)
            found = await reader.projects.find(reader.viewer(here, ada), [project.id])
            assert found[project.id].version >= wrote.version

    async def only_read(process: Process) -> None:
        seen = 0
        for _ in range(25):
            found = await process.projects.find(process.viewer(here, ada), [project.id])
            assert found[project.id].version >= seen
            seen = found[project.id].version

    await asyncio.gather(*(write_and_read(number) for number in range(4)), *(only_read(one) for one in processes))
    at_hand = await processes[0].cache.get([project.id])
    async with processes[0].store.read([here]) as work:
        stored = (await work.projects.find([project.id]))[project.id]
    assert at_hand == {project.id: stored}
    assert stored.version == 25


async def test_what_is_at_hand_shows_only_to_who_may_see_it_and_changes_with_the_members(
    processes: list[Process],
) -> None:
    one, two, _ = processes
    here, ada, bob = new_id(), new_id(), new_id()
    project = await created(one, here, ada)
    assert await two.projects.find(two.viewer(here, ada), [project.id]) == {project.id: project}
    assert await two.projects.find(two.viewer(here, bob), [project.id]) == {}
    assert await two.projects.find(two.viewer(new_id(), ada), [project.id]) == {}
    assert await two.projects.find(two.viewer(here, bob, Role.ADMIN), [project.id]) == {project.id: project}
    patch = ProjectPatch(visibility=Visibility.WORKSPACE)
    opened = await one.projects.update(one.viewer(here, ada), project.id, patch)
    assert await two.projects.find(two.viewer(here, bob), [project.id]) == {project.id: opened}


async def test_a_member_who_is_forgotten_is_forgotten_here_too(processes: list[Process]) -> None:
    one, two, _ = processes
    here, ada = new_id(), new_id()
    project = await created(one, here, ada)
    async with one.store.write([here]) as work:
        await work.projects.forget_member(here, ada)
    assert await two.projects.find(two.viewer(here, ada), [project.id]) == {}


async def test_a_write_that_fails_leaves_nothing_wrong(processes: list[Process]) -> None:
    one, two, _ = processes
    here, ada = new_id(), new_id()
    project = await created(one, here, ada)

    async def roll_back() -> None:
        async with one.store.write([here]) as work:
            await work.projects.forget_member(here, ada)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await roll_back()
    assert await two.projects.find(two.viewer(here, ada), [project.id]) == {project.id: project}
