"""SLA policies and clocks through the API."""

from datetime import timedelta
from typing import Any

import pytest

from kit.ids import new_id
from proto.permissions import Role
from subgraphs.task.domain.sla_clock import Alert, SlaEventKind
from subgraphs.task.domain.tasks import Task, TaskPatch
from tests.unit.subgraphs.task.samples import NOW
from tests.unit.subgraphs.task.schema.test_api import Api, code_of, error_of
from tests.unit.subgraphs.task.world import World

DAY = timedelta(days=1)
POLICY = """version reminders pauseCategories pauseStatuses setAt setBy { id }
            ladder { recipients userIds after repeatEvery users { id } }"""
SET = f"mutation ($input: SlaPolicySetInput!) {{ slaPolicySet(input: $input) {{ policy {{ {POLICY} }} }} }}"
RESET = f"mutation ($input: SlaPolicyResetInput!) {{ slaPolicyReset(input: $input) {{ policy {{ {POLICY} }} }} }}"
ACKNOWLEDGE = (
    "mutation ($input: TaskSlaAcknowledgeInput!) { taskSlaAcknowledge(input: $input) { task { sla { state } } } }"
)
CLOCK = f"""query ($id: ID!) {{ task(id: $id) {{ sla {{ state dueAt breachAt remaining pausedFor acknowledged
            history {{ at kind late users {{ id }} }} policy {{ {POLICY} }} }} }} }}"""


@pytest.fixture
def api() -> Api:
    return Api(World())


def ladder(*steps: dict[str, Any]) -> list[dict[str, Any]]:
    return list(steps) or [{"recipients": ["LEAD"], "after": "PT0S"}]


async def set_policy(api: Api, project_id: object, role: Role = Role.ADMIN, **details: Any) -> dict[str, Any]:
    given = {"projectId": str(project_id), "reminders": ["P2D", "PT1H"], "ladder": ladder()} | details
    return await api.ask(api.ada(role), SET, input=given)


async def clock(api: Api, task: Task) -> dict[str, Any]:
    answer = await api.ask(api.ada(), CLOCK, id=str(task.id))
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]["task"]["sla"]
    return found


async def test_the_default_policy_holds_where_none_was_set(api: Api) -> None:
    project = await api.world.project()
    task = await api.world.task(project, due_at=NOW + 3 * DAY)
    found = await clock(api, task)
    assert (found["state"], found["remaining"], found["policy"]["version"]) == ("ON_TRACK", "P3D", 0)
    assert found["policy"]["reminders"] == ["P1D"]
    assert found["policy"]["ladder"] == [
        {"recipients": ["LEAD"], "userIds": [], "after": "PT0S", "repeatEvery": None, "users": []}
    ]
    assert (await api.ask(api.ada(), CLOCK, id=str((await api.world.task(project)).id)))["data"]["task"]["sla"] is None


async def test_a_policy_is_set_and_shows_in_every_clock(api: Api) -> None:
    project, member = await api.world.project(), await api.world.member()
    task = await api.world.task(project, due_at=NOW + 3 * DAY)
    step = {"userIds": [str(member)], "recipients": ["ASSIGNEES", "ADMINS"], "after": "PT30M", "repeatEvery": "PT1H"}
    answer = await set_policy(
        api, project.id, ladder=ladder(step), pauseCategories=["BACKLOG"], pauseStatuses=["in review"]
    )
    policy = answer["data"]["slaPolicySet"]["policy"]
    assert policy["version"] == 1
    assert policy["reminders"] == ["P2D", "PT1H"]
    assert (policy["pauseCategories"], policy["pauseStatuses"]) == (["BACKLOG"], ["In Review"])
    assert policy["ladder"][0]["users"] == [{"id": str(member)}]
    assert policy["setBy"] == {"id": str(api.world.ada)}
    assert (await clock(api, task))["policy"] == policy
    assert [event.data["version"] for event in api.world.store.state.sla.events] == [1]


async def test_a_pause_is_shown_and_moves_the_breach(api: Api) -> None:
    project = await api.world.project()
    task = await api.world.task(project, due_at=NOW + 3 * DAY)
    await set_policy(api, project.id, pauseCategories=["BACKLOG"])
    await api.world.services.tasks.update(api.world.viewer(), task.id, TaskPatch(status="Backlog"))
    api.world.clock.advance(2 * DAY)
    paused = await clock(api, task)
    assert (paused["state"], paused["breachAt"], paused["pausedFor"]) == ("PAUSED", None, "P2D")
    await api.world.services.tasks.update(api.world.viewer(), task.id, TaskPatch(status="Todo"))
    again = await clock(api, task)
    assert (again["state"], again["remaining"]) == ("ON_TRACK", "P3D")
    assert [event["kind"] for event in again["history"]] == ["STARTED", "PAUSED", "RESUMED"]


async def test_a_breach_is_acknowledged_once(api: Api) -> None:
    task = await api.world.task(due_at=NOW + DAY)
    given = {"id": str(task.id)}
    assert code_of(await api.ask(api.ada(), ACKNOWLEDGE, input=given)) == "NOT_BREACHED"
    api.world.clock.advance(2 * DAY)
    for _ in range(2):
        answer = await api.ask(api.ada(), ACKNOWLEDGE, input=given)
        assert answer["data"]["taskSlaAcknowledge"]["task"]["sla"] == {"state": "ACKNOWLEDGED"}
    [event] = api.world.store.state.sla.events
    assert (event.topic, event.subject) == ("sla.acknowledged", task.id)
    assert code_of(await api.ask(api.ada(Role.GUEST), ACKNOWLEDGE, input=given)) == "FORBIDDEN"
    assert code_of(await api.ask(api.stranger(), ACKNOWLEDGE, input=given)) == "NOT_FOUND"


async def test_what_was_told_shows_in_the_history(api: Api) -> None:
    task = await api.world.task(due_at=NOW + DAY)
    alert = Alert(
        id=new_id(),
        kind=SlaEventKind.REMINDED,
        due_at=NOW + DAY,
        at=NOW + timedelta(hours=1),
        late=True,
        recipient_ids=(api.world.ada,),
    )
    for _ in range(2):
        await api.world.services.sla.record(alert.id, task.workspace_id, task.id, alert)
    await api.world.services.sla.record(new_id(), task.workspace_id, new_id(), alert)
    told = (await clock(api, task))["history"][1:]
    assert [(event["kind"], event["late"], event["users"]) for event in told] == [
        ("REMINDED", True, [{"id": str(api.world.ada)}])
    ]


async def test_a_policy_is_reset_to_the_default_as_another_version(api: Api) -> None:
    project = await api.world.project()
    given = {"projectId": str(project.id)}
    same = await api.ask(api.ada(Role.ADMIN), RESET, input=given)
    assert same["data"]["slaPolicyReset"]["policy"]["version"] == 0
    await set_policy(api, project.id)
    again = await api.ask(api.ada(Role.ADMIN), RESET, input=given | {"expectedVersion": 1})
    policy = again["data"]["slaPolicyReset"]["policy"]
    assert (policy["version"], policy["reminders"]) == (2, ["P1D"])
    stale = await set_policy(api, project.id, expectedVersion=1)
    assert code_of(stale) == "VERSION_CONFLICT"


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"reminders": ["PT0S"]}, "reminders"),
        ({"reminders": ["P91D"]}, "reminders"),
        ({"reminders": [f"PT{number}M" for number in range(1, 12)]}, "reminders"),
        ({"ladder": ladder({"after": "PT0S"})}, "ladder"),
        ({"ladder": ladder({"recipients": ["LEAD"], "after": "-PT1S"})}, "ladder"),
        ({"ladder": ladder({"recipients": ["LEAD"], "after": "PT0S", "repeatEvery": "PT1M"})}, "ladder"),
        ({"ladder": ladder(*[{"recipients": ["LEAD"], "after": "PT0S"}] * 11)}, "ladder"),
        ({"pauseStatuses": ["Nowhere"]}, "status"),
        ({"pauseStatuses": ["Done"]}, "pauseStatuses"),
        ({"pauseCategories": ["CANCELLED"]}, "pauseStatuses"),
    ],
)
async def test_a_wrong_policy_is_refused_with_the_field(api: Api, details: dict[str, Any], field: str) -> None:
    project = await api.world.project()
    refused = await set_policy(api, project.id, **details)
    assert code_of(refused) == "BAD_INPUT"
    assert field in error_of(refused)["fields"]
    assert api.world.store.state.sla.policies == {}


async def test_only_members_are_named_and_only_who_may_sets_policies(api: Api) -> None:
    project = await api.world.project()
    stranger = ladder({"userIds": [str(new_id())], "after": "PT0S"})
    assert code_of(await set_policy(api, project.id, ladder=stranger)) == "NOT_A_MEMBER"
    assert code_of(await set_policy(api, project.id, Role.MEMBER)) == "FORBIDDEN"
    assert code_of(await set_policy(api, new_id())) == "NOT_FOUND"


async def test_a_workflow_hears_of_the_policy_and_whom_its_steps_tell(api: Api) -> None:
    project = await api.world.project()
    task = await api.world.task(project, due_at=NOW + DAY)
    sla = api.world.services.sla
    assert (await sla.task_clock(task.workspace_id, task.id)).policy is None
    await set_policy(api, project.id, ladder=ladder({"recipients": ["ADMINS", "ASSIGNEES"], "after": "PT0S"}))
    told = await sla.task_clock(task.workspace_id, task.id)
    assert told.policy is not None
    assert told.told == ((project.lead_id,),), "nobody else is there"
    [listed] = await sla.running(task.workspace_id, project.id, None, 10)
    assert (listed.task_id, listed.policy) == (task.id, 1)
    assert await sla.running(task.workspace_id, project.id, task.id, 10) == []
