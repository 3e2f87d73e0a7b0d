"""Recurrences through the API."""

from typing import Any

import pytest

from proto.permissions import Role
from tests.unit.subgraphs.task.schema.test_api import Api, code_of, error_of
from tests.unit.subgraphs.task.world import World

FIELDS = """id state version overlap catchUp catchUpWithin next(first: 2)
            rule { rrule cron timeZone startsAt endsAt count exceptions }
            template { title priority assigneeIds assignees { id } dueAfter }
            occurrences { scheduledAt outcome reason task { key dueAt } } project { key }"""
CREATE = (
    f"mutation ($input: RecurrenceCreateInput!) {{ recurrenceCreate(input: $input) {{ recurrence {{ {FIELDS} }} }} }}"
)
UPDATE = (
    f"mutation ($input: RecurrenceUpdateInput!) {{ recurrenceUpdate(input: $input) {{ recurrence {{ {FIELDS} }} }} }}"
)
PREVIEW = """query ($rule: RecurrenceRuleInput!, $first: Int! = 3, $after: DateTime) {
             recurrencePreview(rule: $rule, first: $first, after: $after) }"""
HOURLY = {"timeZone": "Europe/Berlin", "cron": "0 * * * *"}


@pytest.fixture
def api() -> Api:
    return Api(World())


async def create(api: Api, role: Role = Role.MEMBER, **details: Any) -> dict[str, Any]:
    projects = api.world.store.state.projects
    project_id = next(iter(projects), None) or (await api.world.project()).id
    given = {"projectId": str(project_id), "rule": HOURLY, "template": {"title": "Water", "dueAfter": "PT2H"}}
    return await api.ask(api.ada(role), CREATE, input=given | details)


async def created(api: Api, **details: Any) -> dict[str, Any]:
    answer = await create(api, **details)
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]["recurrenceCreate"]["recurrence"]
    return found


async def turn(api: Api, verb: str, recurrence: dict[str, Any], **more: Any) -> dict[str, Any]:
    query = f"""mutation ($input: Recurrence{verb}Input!) {{
                recurrence{verb}(input: $input) {{ recurrence {{ state version next }} }} }}"""
    return await api.ask(api.ada(), query, input={"id": recurrence["id"], **more})


async def test_a_series_is_created_and_found_in_its_project(api: Api) -> None:
    member = str(await api.world.member())
    series = await created(
        api,
        template={"title": "Water", "priority": "HIGH", "assigneeIds": [member], "dueAfter": "PT2H"},
        overlap="SKIP",
        catchUp="LATEST",
        catchUpWithin="P2D",
    )
    assert (series["state"], series["overlap"], series["catchUp"], series["catchUpWithin"]) == (
        "ACTIVE",
        "SKIP",
        "LATEST",
        "P2D",
    )
    assert series["template"]["assignees"] == [{"id": member}]
    assert series["template"]["dueAfter"] == "PT2H"
    assert series["rule"]["cron"] == "0 * * * *"
    assert [one[:16] for one in series["next"]] == ["2030-01-15T13:00", "2030-01-15T14:00"]
    project_id = next(iter(api.world.store.state.projects))
    query = "query ($id: ID!) { project(id: $id) { recurrences(first: 1) { nodes { id } pageInfo { hasNextPage } } } }"
    listed = await api.ask(api.ada(), query, id=str(project_id))
    assert listed["data"]["project"]["recurrences"]["nodes"] == [{"id": series["id"]}]
    entity = await api.entity(api.ada(), "Recurrence", series["id"], "project { key }")
    assert entity["data"]["_entities"] == [{"project": {"key": "ENG"}}]


async def test_what_became_of_its_occurrences_is_shown(api: Api) -> None:
    series = await created(api)
    service = api.world.services.recurrences
    [one] = api.world.store.state.recurrences.series.values()
    plan = await service.settle(one.workspace_id, one.id)
    await service.create_task(one.workspace_id, one.id, plan.due[0])
    query = f"query ($id: ID!) {{ recurrence(id: $id) {{ {FIELDS} }} }}"
    found = (await api.ask(api.ada(), query, id=series["id"]))["data"]["recurrence"]
    [occurrence] = found["occurrences"]
    assert (occurrence["outcome"], occurrence["task"]["key"]) == ("CREATED", "ENG-1")
    assert code_of(await api.ask(api.stranger(), query, id=series["id"])) == "NOT_FOUND"


async def test_it_is_edited_paused_goes_on_and_ends(api: Api) -> None:
    series = await created(api)
    rule = {"timeZone": "UTC", "rrule": "FREQ=DAILY;BYHOUR=9;BYMINUTE=0;BYSECOND=0", "count": 3}
    edited = await api.ask(api.ada(), UPDATE, input={"id": series["id"], "rule": rule, "expectedVersion": 1})
    assert edited["data"]["recurrenceUpdate"]["recurrence"]["rule"]["count"] == 3
    assert edited["data"]["recurrenceUpdate"]["recurrence"]["version"] == 2
    paused = await turn(api, "Pause", series)
    assert paused["data"]["recurrencePause"]["recurrence"] == {"state": "PAUSED", "version": 3, "next": []}
    resumed = await turn(api, "Resume", series, expectedVersion=3)
    assert len(resumed["data"]["recurrenceResume"]["recurrence"]["next"]) == 3
    ended = await turn(api, "End", series)
    assert ended["data"]["recurrenceEnd"]["recurrence"]["state"] == "ENDED"
    assert code_of(await turn(api, "Resume", series)) == "SERIES_ENDED"


async def test_a_rule_is_previewed_without_storing_anything(api: Api) -> None:
    rule = {"timeZone": "Europe/Berlin", "rrule": "FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=9;BYMINUTE=0;BYSECOND=0"}
    found = await api.ask(api.ada(), PREVIEW, rule=rule)
    assert [one[:16] for one in found["data"]["recurrencePreview"]] == [
        "2030-01-25T08:00",
        "2030-02-22T08:00",
        "2030-03-29T08:00",
    ]
    later = await api.ask(api.ada(), PREVIEW, rule=rule, first=1, after="2030-03-30T00:00:00Z")
    assert later["data"]["recurrencePreview"][0].startswith("2030-04-26T07:00")
    assert api.world.store.state.recurrences.series == {}
    assert code_of(await api.ask(None, PREVIEW, rule=rule)) == "UNAUTHENTICATED"
    assert code_of(await api.ask(api.ada(), PREVIEW, rule=rule, first=101)) == "BAD_INPUT"


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"rule": {"timeZone": "Europe/Berlin", "cron": "* * * * *"}}, "rule"),
        ({"rule": {"timeZone": "Nowhere", "cron": "0 9 * * *"}}, "timeZone"),
        ({"rule": {"timeZone": "UTC", "rrule": "FREQ=SOMETIMES"}}, "rrule"),
        ({"rule": {"timeZone": "UTC", "cron": "0 9 * * *", "endsAt": "2030-01-01T00:00:00"}}, "endsAt"),
        ({"template": {"title": ""}}, "title"),
        ({"template": {"title": "x", "dueAfter": "PT1S"}}, "dueAfter"),
        ({"catchUpWithin": "P91D"}, "catchUpWithin"),
        ({"projectId": "x"}, "projectId"),
    ],
)
async def test_a_wrong_series_is_refused_with_the_field(api: Api, details: dict[str, Any], field: str) -> None:
    refused = await create(api, **details)
    assert code_of(refused) == "BAD_INPUT"
    assert field in error_of(refused)["fields"]
    assert api.world.store.state.recurrences.series == {}


async def test_what_is_no_duration_is_refused_before_anything_happens(api: Api) -> None:
    for text in ("P1M", "1 day", "P", "PT", "P1DT", "P٣D"):
        refused = await create(api, template={"title": "x", "dueAfter": text})
        assert refused.get("data") is None
        assert "ISO 8601" in refused["errors"][0]["message"]


async def test_a_guest_creates_none(api: Api) -> None:
    assert code_of(await create(api, Role.GUEST)) == "FORBIDDEN"
