"""The API over the endpoint that the gateway calls, with the store in memory."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from starlette.types import Message

from kit.graphql import subgraph_app
from kit.idempotency import FINGERPRINT_HEADER, KEY_HEADER
from kit.identity import HEADER, Actor, Caller, InternalTokens, InternalVerifier, new_seed, public_of
from kit.ids import new_id
from proto.permissions import Role
from subgraphs.task.domain.comments import CommentDraft
from subgraphs.task.schema.context import Request
from subgraphs.task.schema.root import build_schema
from tests.unit.subgraphs.task.samples import NOW, a_membership, a_profile
from tests.unit.subgraphs.task.world import World

SEED = new_seed()
SCHEMA = build_schema()
LATER = (NOW + timedelta(days=3)).isoformat()


@dataclass
class Api:
    """Asks as somebody."""

    world: World

    def __post_init__(self) -> None:
        def request(caller: Caller) -> Request:
            return Request(self.world.services, caller.actor, caller.request_key)

        self._app = subgraph_app(SCHEMA, InternalVerifier([public_of(SEED)], "task", self.world.clock), context=request)

    def ada(self, role: Role = Role.MEMBER) -> Actor:
        return Actor(user_id=self.world.ada, session_id=new_id(), workspaces={self.world.workspace_id: role})

    def stranger(self) -> Actor:
        return Actor(user_id=new_id(), session_id=new_id(), workspaces={new_id(): "owner"})

    async def ask(
        self, actor: Actor | None, query: str, *, key: str | None = None, fingerprint: str = "01", **variables: Any
    ) -> dict[str, Any]:
        body = orjson.dumps({"query": query, "variables": variables})
        token = InternalTokens(SEED, "gateway", self.world.clock).mint(actor, "task")
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [(HEADER.encode(), token.encode())]
        if key is not None:
            headers += [(KEY_HEADER.encode(), key.encode()), (FINGERPRINT_HEADER.encode(), fingerprint.encode())]
        await self._app({"type": "http", "method": "POST", "path": "/graphql", "headers": headers}, receive, send)
        answer: dict[str, Any] = orjson.loads(sent[1]["body"])
        return answer

    async def entity(self, actor: Actor | None, typename: str, entity_id: object, selection: str) -> dict[str, Any]:
        query = f"query ($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on {typename} {{ {selection} }} }} }}"
        return await self.ask(actor, query, r=[{"__typename": typename, "id": str(entity_id)}])


@pytest.fixture
def api() -> Api:
    return Api(World())


def error_of(answer: dict[str, Any]) -> dict[str, Any]:
    [error] = answer["errors"]
    extensions: dict[str, Any] = error["extensions"]
    return extensions


def code_of(answer: dict[str, Any]) -> str:
    code: str = error_of(answer)["code"]
    return code


TASK_UPDATE = """
mutation ($input: TaskUpdateInput!) { taskUpdate(input: $input) { task { version title dueAt assigneeIds status } } }
"""


class TestReading:
    async def test_one_query_walks_from_a_workspace_to_comments_and_history(self, api: Api) -> None:
        world = api.world
        task = await world.task(title="Ship", assignee_ids=[await world.member()])
        await world.services.comments.add(world.viewer(), CommentDraft(task_id=task.id, body="Well done"))
        await world.services.profiles.apply(new_id(), a_profile(world.ada))
        answer = await api.entity(
            api.ada(),
            "Workspace",
            world.workspace_id,
            """id projects(first: 5) { nodes { key lead { id } statuses { name category } tasks { edges { cursor node {
               key title status statusCategory priority version assignees { id } reporter { id }
               project { name workspace { id } }
               comments { nodes { body author { id } authorName task { key } } }
               activity { nodes { kind version actor { id } actorName changes { field } } } } }
               pageInfo { hasNextPage } } } }""",
        )
        [workspace] = answer["data"]["_entities"]
        [project] = workspace["projects"]["nodes"]
        [edge] = project["tasks"]["edges"]
        found = edge["node"]
        assert (found["key"], found["status"], found["statusCategory"]) == ("ENG-1", "Todo", "UNSTARTED")
        assert found["project"]["workspace"] == {"id": str(world.workspace_id)}
        [comment] = found["comments"]["nodes"]
        assert (comment["body"], comment["authorName"], comment["task"]) == ("Well done", "Ada", {"key": "ENG-1"})
        [entry] = found["activity"]["nodes"]
        assert (entry["kind"], entry["actorName"], entry["changes"]) == ("CREATED", "Ada", [])

    async def test_many_parents_cost_as_many_queries_as_one(self, api: Api) -> None:
        world = api.world
        for key in ("A", "B", "C"):
            project = await world.project(key)
            for _ in range(3):
                await world.task(project)
        reads = _count_reads(world)
        answer = await api.entity(
            api.ada(),
            "Workspace",
            world.workspace_id,
            "projects { nodes { tasks { nodes { comments { nodes { id } } activity { nodes { id } } } } } }",
        )
        assert "errors" not in answer
        assert len(reads) == 4

    async def test_a_list_is_paged_by_its_cursors(self, api: Api) -> None:
        project = await api.world.project()
        for _ in range(5):
            await api.world.task(project)
        query = """query ($id: ID!, $after: String) { project(id: $id) { tasks(first: 2, after: $after) {
                     nodes { number } pageInfo { hasNextPage hasPreviousPage endCursor } } } }"""
        numbers: list[int] = []
        after: str | None = None
        while True:
            answer = await api.ask(api.ada(), query, id=str(project.id), after=after)
            tasks = answer["data"]["project"]["tasks"]
            numbers += [node["number"] for node in tasks["nodes"]]
            after = tasks["pageInfo"]["endCursor"]
            if not tasks["pageInfo"]["hasNextPage"]:
                break
        assert numbers == [5, 4, 3, 2, 1]

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            ("first: 0", "BAD_INPUT"),
            ("first: 99999999", "BAD_INPUT"),
            ("first: -1", "BAD_INPUT"),
            ('after: "junk"', "CURSOR_INVALID"),
            ('after: "WyJjb21tZW50cyIsIjEiXQ"', "CURSOR_INVALID"),
        ],
    )
    async def test_a_page_that_is_none_is_refused(self, api: Api, arguments: str, code: str) -> None:
        project = await api.world.project()
        answer = await api.ask(
            api.ada(), f'{{ project(id: "{project.id}") {{ id tasks({arguments}) {{ nodes {{ id }} }} }} }}'
        )
        assert code_of(answer) == code
        assert answer["data"]["project"]["tasks"] is None

    async def test_assigned_tasks_are_for_oneself_alone(self, api: Api) -> None:
        world = api.world
        await world.services.memberships.apply(new_id(), a_membership(world.workspace_id, world.ada))
        task = await world.task(assignee_ids=[world.ada])
        mine = await api.entity(api.ada(), "User", world.ada, "id assignedTasks { nodes { key } }")
        assert mine["data"]["_entities"] == [{"id": str(world.ada), "assignedTasks": {"nodes": [{"key": task.key}]}}]
        others = await api.entity(api.ada(), "User", new_id(), "id assignedTasks { nodes { key } }")
        assert code_of(others) == "FORBIDDEN"
        assert others["data"]["_entities"][0]["assignedTasks"] is None


class TestIds:
    """Unknown ids, ids of other tenants and ids that are none, wherever one can be sent."""

    QUERIES = (
        ("query ($id: ID!) { project(id: $id) { id } }", "project"),
        ("query ($id: ID!) { task(id: $id) { id } }", "task"),
    )
    MUTATIONS: tuple[tuple[str, str, dict[str, str], str], ...] = (
        ("projectUpdate", "ProjectUpdateInput", {"name": "Mine"}, "project"),
        ("taskUpdate", "TaskUpdateInput", {"title": "Mine"}, "task"),
        ("taskDelete", "TaskDeleteInput", {}, "task"),
        ("taskRestore", "TaskRestoreInput", {}, "task"),
    )
    NESTED = (
        ("taskCreate", "TaskCreateInput", {"title": "Mine"}, "projectId", "project"),
        ("commentAdd", "CommentAddInput", {"body": "Mine"}, "taskId", "task"),
        ("projectCreate", "ProjectCreateInput", {"key": "X", "name": "Mine"}, "workspaceId", "workspace"),
    )

    async def _ids(self, api: Api) -> dict[str, UUID]:
        task = await api.world.task()
        comment = await api.world.services.comments.add(api.world.viewer(), CommentDraft(task_id=task.id, body="x"))
        return {
            "project": task.project.id,
            "task": task.id,
            "workspace": api.world.workspace_id,
            "comment": comment.id,
        }

    async def _same(self, api: Api, query: str, real: object, **variables: Any) -> None:
        """A stranger gets the same answer for what exists and for what does not, and changes nothing."""
        before = len(api.world.store.state.outbox)
        answers = []
        for value in (real, new_id()):
            answer = await api.ask(api.stranger(), query, **_filled(variables, value))
            assert code_of(answer) == "NOT_FOUND"
            del answer["errors"][0]["extensions"]["traceId"]
            answers.append(answer)
        assert answers[0] == answers[1]
        assert len(api.world.store.state.outbox) == before

    @pytest.mark.parametrize(("query", "noun"), QUERIES)
    async def test_in_a_query(self, api: Api, query: str, noun: str) -> None:
        await self._same(api, query, (await self._ids(api))[noun], id=...)

    @pytest.mark.parametrize(("name", "kind", "rest", "noun"), MUTATIONS)
    async def test_in_a_mutation(self, api: Api, name: str, kind: str, rest: dict[str, Any], noun: str) -> None:
        query = f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ __typename }} }}"
        await self._same(api, query, (await self._ids(api))[noun], input={"id": ..., **rest})

    @pytest.mark.parametrize(("name", "kind", "rest", "field", "noun"), NESTED)
    async def test_in_a_nested_input(
        self, api: Api, name: str, kind: str, rest: dict[str, Any], field: str, noun: str
    ) -> None:
        query = f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ __typename }} }}"
        await self._same(api, query, (await self._ids(api))[noun], input={field: ..., **rest})

    @pytest.mark.parametrize(
        ("typename", "noun", "selection"),
        [
            ("Project", "project", "name"),
            ("Task", "task", "title"),
            ("Comment", "comment", "body"),
            ("Workspace", "workspace", "projects { nodes { id } }"),
        ],
    )
    async def test_in_entities(self, api: Api, typename: str, noun: str, selection: str) -> None:
        ids = await self._ids(api)
        real = await api.entity(api.stranger(), typename, ids[noun], selection)
        unknown = await api.entity(api.stranger(), typename, new_id(), selection)
        for answer in (real, unknown):
            assert code_of(answer) == "NOT_FOUND"
            del answer["errors"][0]["extensions"]["traceId"]
        assert real == unknown
        assert "errors" not in await api.entity(api.ada(), typename, ids[noun], selection)

    @pytest.mark.parametrize("text", ["", "1", "ENG-1", "{00000000-0000-0000-0000-000000000000}", "x" * 10_000])
    async def test_what_is_no_id_is_bad_input_that_names_the_argument(self, api: Api, text: str) -> None:
        answer = await api.ask(api.ada(), "query ($id: ID!) { task(id: $id) { id } }", id=text)
        assert (error_of(answer)["code"], list(error_of(answer)["fields"])) == ("BAD_INPUT", ["id"])


class TestWriting:
    async def test_a_task_is_created_with_everything(self, api: Api) -> None:
        world = api.world
        project, bob = await world.project(), await world.member()
        answer = await api.ask(
            api.ada(),
            """mutation ($input: TaskCreateInput!) { taskCreate(input: $input) { task {
                 key title description status priority dueAt assigneeIds reporterId project { key } } } }""",
            input={
                "projectId": str(project.id),
                "title": " Ship ",
                "description": "**now**",
                "status": "backlog",
                "priority": "HIGH",
                "assigneeIds": [str(bob)],
                "dueAt": "2030-01-18T14:00:00+02:00",
            },
        )
        task = answer["data"]["taskCreate"]["task"]
        assert task == {
            "key": "ENG-1",
            "title": "Ship",
            "description": "**now**",
            "status": "Backlog",
            "priority": "HIGH",
            "dueAt": "2030-01-18T12:00:00+00:00",
            "assigneeIds": [str(bob)],
            "reporterId": str(world.ada),
            "project": {"key": "ENG"},
        }

    async def test_an_absent_field_stays_and_null_takes_the_due_date_away(self, api: Api) -> None:
        task = await api.world.task(title="Ship", due_at=NOW + timedelta(days=1))
        kept = await api.ask(api.ada(), TASK_UPDATE, input={"id": str(task.id), "status": "Done"})
        assert kept["data"]["taskUpdate"]["task"]["dueAt"] is not None
        cleared = await api.ask(api.ada(), TASK_UPDATE, input={"id": str(task.id), "dueAt": None})
        assert cleared["data"]["taskUpdate"]["task"]["dueAt"] is None
        refused = await api.ask(api.ada(), TASK_UPDATE, input={"id": str(task.id), "title": None})
        assert (code_of(refused), list(error_of(refused)["fields"])) == ("BAD_INPUT", ["title"])

    async def test_a_stale_update_is_told_both_sides(self, api: Api) -> None:
        task = await api.world.task(title="Old")
        await api.ask(api.ada(), TASK_UPDATE, input={"id": str(task.id), "title": "Theirs", "dueAt": LATER})
        answer = await api.ask(
            api.ada(), TASK_UPDATE, input={"id": str(task.id), "title": "Mine", "expectedVersion": 1}
        )
        error = error_of(answer)
        assert (error["code"], error["kind"]) == ("VERSION_CONFLICT", "conflict")
        assert (error["fields"]["expected"], error["fields"]["actual"]) == (1, 2)
        assert error["fields"]["submitted"] == {"title": "Mine"}
        assert error["fields"]["current"]["title"] == "Theirs"
        assert error["fields"]["current"]["dueAt"].startswith("2030-01-18")

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"title": "x" * 1_000_000}, "BAD_INPUT"),
            ({"title": "nul \x00"}, "BAD_INPUT"),
            ({"description": "ü" * 60_000}, "BAD_INPUT"),
            ({"dueAt": "2001-01-01T00:00:00Z"}, "DUE_DATE_IN_PAST"),
            ({"dueAt": "2031-01-01T00:00:00"}, "BAD_INPUT"),
            ({"assigneeIds": ["018f0000-0000-7000-8000-000000000000"]}, "NOT_A_MEMBER"),
            ({"assigneeIds": ["nobody"]}, "BAD_INPUT"),
            ({"status": "Somewhere"}, "BAD_INPUT"),
        ],
    )
    async def test_bad_input_is_named_and_changes_nothing(self, api: Api, change: dict[str, Any], code: str) -> None:
        task = await api.world.task()
        project = task.project
        for mutation, kind, rest in (
            ("taskUpdate", "TaskUpdateInput", {"id": str(task.id)}),
            ("taskCreate", "TaskCreateInput", {"projectId": str(project.id), "title": "Fine"}),
        ):
            query = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ task {{ id }} }} }}"
            assert code_of(await api.ask(api.ada(), query, input={**rest, **change})) == code
        assert list(api.world.store.state.tasks.values()) == [task]
        assert len(api.world.store.state.outbox) == 1

    async def test_deleting_and_restoring_answer_with_the_task(self, api: Api) -> None:
        task = await api.world.task()
        for name, kind in (("taskDelete", "TaskDeleteInput"), ("taskRestore", "TaskRestoreInput")):
            query = f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ task {{ deletedAt }} }} }}"
            answer = await api.ask(api.ada(), query, input={"id": str(task.id)})
            assert (answer["data"][name]["task"]["deletedAt"] is not None) == (name == "taskDelete")

    async def test_a_project_is_changed_by_its_lead(self, api: Api) -> None:
        project = await api.world.project()
        answer = await api.ask(
            api.ada(),
            "mutation ($input: ProjectUpdateInput!) { projectUpdate(input: $input) { project { name description } } }",
            input={"id": str(project.id), "name": "Platform", "expectedVersion": 1},
        )
        assert answer["data"]["projectUpdate"]["project"] == {"name": "Platform", "description": ""}

    async def test_nobody_writes_without_a_person_behind_the_token(self, api: Api) -> None:
        project = await api.world.project()
        answer = await api.ask(None, f'{{ project(id: "{project.id}") {{ id }} }}')
        assert code_of(answer) == "UNAUTHENTICATED"


async def test_a_subscription_that_comes_here_is_refused(api: Api) -> None:
    answer = await api.ask(
        api.ada(), "subscription ($id: ID!) { commentAdded(taskId: $id) { eventId } }", id=str(new_id())
    )
    assert "errors" in answer


def _count_reads(world: World) -> list[None]:
    reads: list[None] = []
    read = world.store.read

    def counting(*arguments: Any, **options: Any) -> Any:
        reads.append(None)
        return read(*arguments, **options)

    world.store.read = counting  # type: ignore[method-assign] # counts what the loaders save
    return reads


def _filled(variables: dict[str, Any], value: object) -> dict[str, Any]:
    return {
        name: _filled(given, value) if isinstance(given, dict) else str(value) if given is ... else given
        for name, given in variables.items()
    }
