"""Every mutation of the schema: under a key it is done once, and ids of others are like ids of nobody.

A new mutation fails here until it is listed.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLObjectType

from kit.identity import Actor
from kit.ids import new_id
from proto.permissions import Role
from subgraphs.task.domain.comments import CommentDraft
from subgraphs.task.domain.projects import Visibility
from subgraphs.task.domain.recurrences import SeriesDraft, Template
from tests.unit.subgraphs.task.recurrence_suite import a_rule
from tests.unit.subgraphs.task.samples import NOW
from tests.unit.subgraphs.task.schema.test_api import SCHEMA, Api, code_of
from tests.unit.subgraphs.task.world import World

RULE = {"timeZone": "UTC", "cron": "0 9 * * *"}
MUTATIONS: dict[str, dict[str, Any]] = {
    "projectCreate": {"workspaceId": "$workspace", "key": "NEW", "name": "New"},
    "projectUpdate": {"id": "$project", "name": "New"},
    "projectArchive": {"id": "$project"},
    "projectUnarchive": {"id": "$project"},
    "projectDelete": {"id": "$project"},
    "projectRestore": {"id": "$project"},
    "projectMemberAdd": {"id": "$project", "userIds": []},
    "projectMemberRemove": {"id": "$project", "userIds": []},
    "projectStatusAdd": {"projectId": "$project", "name": "New", "category": "STARTED"},
    "projectStatusUpdate": {"projectId": "$project", "id": "$status", "name": "New"},
    "projectStatusReorder": {"projectId": "$project", "statusIds": "$statuses"},
    "projectStatusDelete": {"projectId": "$project", "id": "$status", "moveToId": "$other"},
    "labelCreate": {"projectId": "$project", "name": "New", "color": "#000000"},
    "labelUpdate": {"id": "$label", "name": "New"},
    "labelDelete": {"id": "$label"},
    "taskCreate": {"projectId": "$project", "title": "New"},
    "taskUpdate": {"id": "$task", "title": "New", "status": "Done"},
    "taskBulkUpdate": {"updates": [{"id": "$task", "title": "New"}]},
    "taskMove": {"id": "$task", "beforeId": "$first"},
    "taskDelete": {"id": "$task"},
    "taskRestore": {"id": "$task"},
    "taskWatch": {"id": "$task"},
    "taskUnwatch": {"id": "$task"},
    "commentAdd": {"taskId": "$task", "body": "New"},
    "commentUpdate": {"id": "$comment", "body": "New"},
    "commentDelete": {"id": "$comment"},
    "reactionAdd": {"commentId": "$comment", "emoji": "+1"},
    "reactionRemove": {"commentId": "$comment", "emoji": "+1"},
    "recurrenceCreate": {"projectId": "$project", "rule": RULE, "template": {"title": "New"}},
    "recurrenceUpdate": {"id": "$series", "overlap": "SKIP"},
    "recurrencePause": {"id": "$series"},
    "recurrenceResume": {"id": "$series"},
    "recurrenceEnd": {"id": "$series"},
    "slaPolicySet": {"projectId": "$project", "reminders": ["PT1H"], "ladder": []},
    "slaPolicyReset": {"projectId": "$project"},
    "taskSlaAcknowledge": {"id": "$late"},
}
ROOTS = {"$workspace", "$project", "$task", "$late", "$series", "$comment", "$label"}
"""What names the thing that a mutation changes."""


@pytest.fixture
def api() -> Api:
    return Api(World())


async def stage(api: Api, visibility: Visibility = Visibility.WORKSPACE) -> dict[str, Any]:
    """One of everything, by the names that the inputs above use."""
    world = api.world
    project = await world.project(visibility=visibility)
    first, task = await world.task(project), await world.task(project)
    comment = await world.services.comments.add(world.viewer(), CommentDraft(task_id=task.id, body="Words"))
    label = await world.services.labels.create(world.viewer(), project.id, name="Bug", color="#d73a4a")
    late = await world.task(project, due_at=NOW + timedelta(hours=1))
    draft = SeriesDraft(project_id=project.id, rule=a_rule(), template=Template(title="Water"))
    series = await world.services.recurrences.create(world.viewer(), draft)
    world.clock.advance(timedelta(hours=2))
    return {
        "$late": late.id,
        "$series": series.id,
        "$workspace": world.workspace_id,
        "$project": project.id,
        "$status": project.statuses[0].id,
        "$other": project.statuses[1].id,
        "$statuses": [status.id for status in reversed(project.statuses)],
        "$first": first.id,
        "$task": task.id,
        "$comment": comment.id,
        "$label": label.id,
    }


def filled(value: Any, names: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: filled(one, names) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, names) for one in value]
    found = names.get(value, value) if isinstance(value, str) else value
    return [str(one) for one in found] if isinstance(found, list) else str(found) if isinstance(found, UUID) else found


def document(name: str) -> str:
    kind = name[0].upper() + name[1:] + "Input"
    wanted = {"taskBulkUpdate": "results { task { version title } error { code message kind fields } }"}
    nouns = {"project": "project { version name }", "label": "label { name version }", "task": "task { version title }"}
    nouns |= {"recurrence": "recurrence { version state }", "slaPolicy": "policy { version reminders }"}
    noun = next((selection for noun, selection in nouns.items() if name.startswith(noun)), "comment { version body }")
    return f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {wanted.get(name, noun)} }} }}"


def test_every_mutation_is_listed() -> None:
    mutation = SCHEMA._schema.mutation_type
    assert isinstance(mutation, GraphQLObjectType)
    assert set(mutation.fields) == set(MUTATIONS)


@pytest.mark.parametrize("name", MUTATIONS)
async def test_a_repetition_under_a_key_is_answered_and_does_nothing(api: Api, name: str) -> None:
    given, ada = filled(MUTATIONS[name], await stage(api)), api.ada(Role.OWNER)
    first = await api.ask(ada, document(name), key="k", input=given)
    assert "errors" not in first
    state = api.world.store.state
    for _ in range(2):
        assert await api.ask(ada, document(name), key="k", input=given) == first
    assert api.world.store.state.outbox == state.outbox
    assert api.world.store.state.projects == state.projects
    other = await api.ask(ada, document(name), key="k", fingerprint="02", input=given)
    assert code_of(other) == "IDEMPOTENCY_MISMATCH"


async def attempted(api: Api, actor: Actor, name: str, given: dict[str, Any]) -> Any:
    answer = await api.ask(actor, document(name), input=given)
    for error in answer.get("errors", ()):
        del error["extensions"]["traceId"]
    return answer


@pytest.mark.parametrize("name", [name for name in MUTATIONS if name != "projectCreate"])
@pytest.mark.parametrize("role", [Role.MEMBER, Role.GUEST])
async def test_in_a_private_project_an_id_is_like_one_of_nobody(api: Api, name: str, role: Role) -> None:
    names = await stage(api, Visibility.PRIVATE)
    world = api.world
    bob = Actor(user_id=new_id(), session_id=new_id(), workspaces={world.workspace_id: role})
    before = world.store.state
    unknown = {key: new_id() if key in ROOTS else value for key, value in names.items()}
    for actor in (bob, api.stranger()):
        real = await attempted(api, actor, name, filled(MUTATIONS[name], names))
        nobodys = await attempted(api, actor, name, filled(MUTATIONS[name], unknown))
        if name == "taskBulkUpdate":
            assert real["data"]["taskBulkUpdate"]["results"][0]["error"]["code"] == "NOT_FOUND"
        else:
            assert code_of(real) == "NOT_FOUND"
        assert real == nobodys
    assert vars(world.store.state) == vars(before)


async def test_fields_of_one_document_share_its_key(api: Api) -> None:
    names = await stage(api)
    query = """mutation ($a: TaskCreateInput!, $b: TaskCreateInput!) {
      one: taskCreate(input: $a) { task { key } } two: taskCreate(input: $b) { task { key } } }"""
    given = {"projectId": str(names["$project"]), "title": "New"}
    first = await api.ask(api.ada(), query, key="k", a=given, b=given)
    assert first["data"]["one"] != first["data"]["two"]
    assert await api.ask(api.ada(), query, key="k", a=given, b=given) == first


async def test_a_key_that_came_without_a_fingerprint_is_refused(api: Api) -> None:
    answer = await api.ask(api.ada(), "{ __typename }", key="k", fingerprint="")
    assert code_of(answer) == "BAD_INPUT"
