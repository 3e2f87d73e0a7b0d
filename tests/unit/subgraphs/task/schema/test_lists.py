"""Filters, orders, counts and searches as clients ask for them."""

from datetime import timedelta
from typing import Any

import pytest

from kit.ids import new_id
from subgraphs.task.domain.tasks import Priority
from tests.unit.subgraphs.task.samples import NOW
from tests.unit.subgraphs.task.schema.test_api import Api, code_of, error_of
from tests.unit.subgraphs.task.world import World

LIST = """query ($id: ID!, $filter: TaskFilter, $sort: TaskSort, $after: String) { project(id: $id) {
  tasks(first: 2, after: $after, filter: $filter, sort: $sort) {
    nodes { title } pageInfo { hasNextPage endCursor } totalCount { value exact } } } }"""


@pytest.fixture
def api() -> Api:
    return Api(World())


async def listed(api: Api, project_id: object, **arguments: Any) -> tuple[list[str], int]:
    """All pages of the list, and what it counts."""
    titles: list[str] = []
    after = None
    while True:
        answer = await api.ask(api.ada(), LIST, id=str(project_id), after=after, **arguments)
        tasks = answer["data"]["project"]["tasks"]
        titles += [node["title"] for node in tasks["nodes"]]
        after = tasks["pageInfo"]["endCursor"]
        if not tasks["pageInfo"]["hasNextPage"]:
            return titles, tasks["totalCount"]["value"]


async def test_comparators_are_joined_by_and_or_and_not(api: Api) -> None:
    project, bob = await api.world.project(), await api.world.member()
    tasks: dict[str, dict[str, Any]] = {
        "Alpha": {"priority": Priority.HIGH, "assignee_ids": [bob]},
        "Beta": {"due_at": NOW + timedelta(days=2), "estimate": 3},
        "Gamma": {"due_at": NOW + timedelta(days=9), "status": "Done"},
        "alphabet": {},
    }
    for title, details in tasks.items():
        await api.world.task(project, title=title, **details)
    for wanted, titles in (
        ({"title": {"contains": "ALPHA"}}, {"Alpha", "alphabet"}),
        ({"priority": {"in": ["HIGH", "URGENT"]}}, {"Alpha"}),
        ({"assignee": {"eq": str(bob)}}, {"Alpha"}),
        ({"assignee": {"isNull": True}, "dueAt": {"isNull": True}}, {"alphabet"}),
        ({"dueAt": {"gte": NOW.isoformat(), "lt": (NOW + timedelta(days=3)).isoformat()}}, {"Beta"}),
        ({"statusCategory": {"neq": "COMPLETED"}}, {"Alpha", "Beta", "alphabet"}),
        ({"or": [{"estimate": {"eq": 3}}, {"status": {"eq": "done"}}]}, {"Beta", "Gamma"}),
        ({"not": {"or": [{"estimate": {"eq": 3}}, {"status": {"eq": "done"}}]}}, {"Alpha", "alphabet"}),
        ({"and": [{"title": {"startsWith": "a"}}, {"priority": {"eq": "NONE"}}]}, {"alphabet"}),
        ({"or": []}, set()),
        ({}, {"Alpha", "Beta", "Gamma", "alphabet"}),
    ):
        found, count = await listed(api, project.id, filter=wanted)
        assert (set(found), count) == (titles, len(titles)), wanted


async def test_every_order_is_walked_by_its_cursors(api: Api) -> None:
    project = await api.world.project()
    for number in range(5):
        due_at = None if number == 2 else NOW + timedelta(days=5 - number)
        await api.world.task(project, title=str(number), due_at=due_at, priority=list(Priority)[number])
    for by, descending, expected in (
        ("DUE_AT", False, "43102"),
        ("DUE_AT", True, "20134"),
        ("PRIORITY", True, "43210"),
        ("POSITION", False, "01234"),
        ("UPDATED_AT", True, "43210"),
        ("CREATED_AT", False, "01234"),
    ):
        found, _ = await listed(api, project.id, sort={"by": by, "descending": descending})
        assert "".join(found) == expected, by


@pytest.mark.parametrize(
    "wanted",
    [
        {"assignee": {"eq": "nobody"}},
        {"dueAt": {"lt": "2030-01-01T00:00:00"}},
        {"number": {"in": list(range(101))}},
        {"or": [{"number": {"eq": number}} for number in range(51)]},
        {"not": {"not": {"not": {"not": {"not": {"number": {"eq": 1}}}}}}},
        {"title": {"contains": "nul \x00"}},
    ],
)
async def test_a_filter_that_is_none_or_too_large_is_refused(api: Api, wanted: dict[str, Any]) -> None:
    project = await api.world.project()
    answer = await api.ask(api.ada(), LIST, id=str(project.id), filter=wanted)
    assert (code_of(answer), len(error_of(answer)["fields"])) == ("BAD_INPUT", 1)


async def test_a_cursor_belongs_to_its_order(api: Api) -> None:
    project = await api.world.project()
    for _ in range(3):
        await api.world.task(project)
    answer = await api.ask(api.ada(), LIST, id=str(project.id))
    cursor = answer["data"]["project"]["tasks"]["pageInfo"]["endCursor"]
    for sort in ({"by": "PRIORITY"}, {"by": "CREATED_AT", "descending": False}):
        refused = await api.ask(api.ada(), LIST, id=str(project.id), after=cursor, sort=sort)
        assert code_of(refused) == "CURSOR_INVALID"


async def test_a_workspace_is_listed_and_searched_page_by_page_by_its_members_alone(api: Api) -> None:
    world = api.world
    project, other = await world.project(), await world.project("OPS")
    for title in ("engine", "engine engine", "brakes"):
        await world.task(project, title=title)
    await world.task(other, title="engine of ops")
    selection = 'searchTasks(query: "engine", first: 1 AFTER) { nodes { title } pageInfo { hasNextPage endCursor } }'
    titles, after = [], ""
    while True:
        answer = await api.entity(api.ada(), "Workspace", world.workspace_id, selection.replace("AFTER", after))
        found = answer["data"]["_entities"][0]["searchTasks"]
        titles += [node["title"] for node in found["nodes"]]
        if not found["pageInfo"]["hasNextPage"]:
            break
        after = f'after: "{found["pageInfo"]["endCursor"]}"'
    assert titles == ["engine engine", "engine of ops", "engine"]
    search = f'searchTasks(query: "engine", projectId: "{other.id}") {{ nodes {{ title }} }}'
    selection = f"tasks {{ nodes {{ title }} }} {search}"
    answer = await api.entity(api.ada(), "Workspace", world.workspace_id, selection)
    [workspace] = answer["data"]["_entities"]
    assert len(workspace["tasks"]["nodes"]) == 4
    assert workspace["searchTasks"]["nodes"] == [{"title": "engine of ops"}]
    for workspace_id in (world.workspace_id, new_id()):
        for field in ("tasks { nodes { id } }", 'searchTasks(query: "engine") { nodes { id } }'):
            refused = await api.entity(api.stranger(), "Workspace", workspace_id, field)
            assert code_of(refused) == "NOT_FOUND"


@pytest.mark.parametrize("after", ["junk", "WyJzZWFyY2giLCJuYW4iLCJ4Il0", "WyJzZWFyY2giLCIxIiwieCJd"])
async def test_a_search_takes_only_its_own_cursors(api: Api, after: str) -> None:
    selection = f'searchTasks(query: "x", after: "{after}") {{ nodes {{ id }} }}'
    assert code_of(await api.entity(api.ada(), "Workspace", api.world.workspace_id, selection)) == "CURSOR_INVALID"


async def test_a_search_is_bounded(api: Api) -> None:
    selection = f'searchTasks(query: "{"x" * 501}") {{ nodes {{ id }} }}'
    assert code_of(await api.entity(api.ada(), "Workspace", api.world.workspace_id, selection)) == "BAD_INPUT"
