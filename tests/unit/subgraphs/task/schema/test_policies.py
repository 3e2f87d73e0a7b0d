"""Every operation of the task subgraph, run as every role: what happens is what the table of policies says.

A subscription is tried through its gate, the query that decides who may listen.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from kit.identity import Actor
from kit.ids import new_id
from proto.permissions import Permission, Role
from proto.policies import OPERATIONS, Policy
from scripts.engines.places import CHECKOUT
from subgraphs.task.domain.comments import Comment, CommentDraft
from subgraphs.task.domain.projects import Project
from subgraphs.task.domain.recurrences import SeriesDraft, Template
from subgraphs.task.domain.tasks import Task
from tests.testkit.policy_cells import BUILT_IN, Outcome, Who, expected, named, outcome, root_fields
from tests.unit.subgraphs.task.recurrence_suite import a_rule
from tests.unit.subgraphs.task.samples import NOW
from tests.unit.subgraphs.task.schema.test_api import Api
from tests.unit.subgraphs.task.world import World

RULE = {"timeZone": "UTC", "cron": "0 9 * * *"}
OWN = root_fields((CHECKOUT / "subgraphs/task/schema/schema.graphql").read_text())
READS = [name for name in OWN if not name.startswith("Mutation.")]


@dataclass
class Scene:
    """A project that Ada leads with a task in it, a comment of whoever tries, and that somebody."""

    api: Api
    project: Project
    task: Task
    comment: Comment
    tester: UUID
    other: UUID

    @classmethod
    async def of(cls) -> Scene:
        world = World()
        project = await world.project()
        task, tester = await world.task(project, title="Ship it"), await world.member()
        mine = world.viewer(user_id=tester, role=Role.ADMIN)
        comment = await world.services.comments.add(mine, CommentDraft(task_id=task.id, body="Mine"))
        return cls(Api(world), project, task, comment, tester, await world.member())

    def actor(self, who: Who, policy: Policy) -> Actor | None:
        workspace = self.api.world.workspace_id
        if who is Who.NOBODY:
            return None
        if who is Who.STRANGER:
            return self.api.stranger()
        if who in BUILT_IN:
            return Actor(user_id=self.tester, session_id=new_id(), workspaces={workspace: BUILT_IN[who].value})
        return Actor(
            user_id=self.tester,
            session_id=new_id(),
            workspaces={workspace: "custom"},
            permissions={workspace: frozenset(one.value for one in named(who, policy))},
        )

    def status(self, name: str) -> str:
        return str(next(status.id for status in self.project.statuses if status.name == name))

    async def label(self) -> str:
        labels = self.api.world.services.labels
        made = await labels.create(self.api.world.viewer(), self.project.id, name="bug", color="#ff0000")
        return str(made.id)

    async def series(self) -> str:
        draft = SeriesDraft(project_id=self.project.id, rule=a_rule(), template=Template(title="Water"))
        world = self.api.world
        return str((await world.services.recurrences.create(world.viewer(), draft)).id)

    async def late(self) -> str:
        """A task whose deadline is breached."""
        task = await self.api.world.task(self.project, due_at=NOW + timedelta(hours=1))
        self.api.world.clock.advance(timedelta(hours=2))
        return str(task.id)


Sample = Callable[[Scene], Awaitable[tuple[str, dict[str, Any]]]]
SAMPLES: dict[str, Sample] = {}


def mutation(name: str, selection: str, /, **values: Callable[[Scene], Any]) -> None:
    async def sample(scene: Scene) -> tuple[str, dict[str, Any]]:
        found = {}
        for field, value in values.items():
            had = value(scene)
            found[field] = await had if isinstance(had, Awaitable) else had
        kind = name[0].upper() + name[1:] + "Input"
        return f"mutation($input: {kind}!) {{ {name}(input: $input) {{ {selection} }} }}", {"input": found}

    SAMPLES[f"Mutation.{name}"] = sample


def read(name: str, document: str) -> None:
    async def sample(scene: Scene) -> tuple[str, dict[str, Any]]:
        return document.replace("PROJECT", str(scene.project.id)).replace("TASK", str(scene.task.id)), {}

    SAMPLES[name] = sample


def _project(scene: Scene) -> str:
    return str(scene.project.id)


def _task(scene: Scene) -> str:
    return str(scene.task.id)


def _comment(scene: Scene) -> str:
    return str(scene.comment.id)


read("Query.project", '{ project(id: "PROJECT") { id } }')
read("Query.task", '{ task(id: "TASK") { id } }')
read("Subscription.taskChanged", '{ project(id: "PROJECT") { id } }')
read("Subscription.commentAdded", '{ task(id: "TASK") { id } }')
read("Subscription.commentChanged", '{ task(id: "TASK") { id } }')
mutation("projectCreate", "project { id }", workspaceId=lambda scene: str(scene.api.world.workspace_id),
         key=lambda _: "NEW", name=lambda _: "New")  # fmt: skip
mutation("projectUpdate", "project { name }", id=_project, name=lambda _: "Renamed")
for verb in ("Archive", "Unarchive", "Delete", "Restore"):
    mutation(f"project{verb}", "project { id }", id=_project)
mutation("projectMemberAdd", "project { id }", id=_project, userIds=lambda scene: [str(scene.other)])
mutation("projectMemberRemove", "project { id }", id=_project, userIds=lambda scene: [str(scene.other)])
mutation("projectStatusAdd", "project { id }", projectId=_project, name=lambda _: "Review",
         category=lambda _: "STARTED")  # fmt: skip
mutation("projectStatusUpdate", "project { id }", projectId=_project, id=lambda scene: scene.status("Todo"),
         name=lambda _: "Next")  # fmt: skip
mutation("projectStatusReorder", "project { id }", projectId=_project,
         statusIds=lambda scene: [str(status.id) for status in reversed(scene.project.statuses)])  # fmt: skip
mutation("projectStatusDelete", "project { id }", projectId=_project, id=lambda scene: scene.status("Backlog"),
         moveToId=lambda scene: scene.status("Todo"))  # fmt: skip
mutation("labelCreate", "label { id }", projectId=_project, name=lambda _: "bug", color=lambda _: "#ff0000")
mutation("labelUpdate", "label { id }", id=Scene.label, name=lambda _: "flaw")
mutation("labelDelete", "label { id }", id=Scene.label)
mutation("taskCreate", "task { id }", projectId=_project, title=lambda _: "Another")
mutation("taskUpdate", "task { title }", id=_task, title=lambda _: "Renamed")
mutation("taskBulkUpdate", "results { task { id } error { code } }",
         updates=lambda scene: [{"id": _task(scene), "title": "Renamed"}], allOrNothing=lambda _: True)  # fmt: skip
for verb in ("Move", "Delete", "Restore", "Watch", "Unwatch"):
    mutation(f"task{verb}", "task { id }", id=_task)
mutation("commentAdd", "comment { id }", taskId=_task, body=lambda _: "Well done")
mutation("commentUpdate", "comment { body }", id=_comment, body=lambda _: "Better")
mutation("commentDelete", "comment { id }", id=_comment)
mutation("reactionAdd", "comment { id }", commentId=_comment, emoji=lambda _: "👍")
mutation("reactionRemove", "comment { id }", commentId=_comment, emoji=lambda _: "👍")

read("Query.recurrencePreview", '{ recurrencePreview(rule: {timeZone: "UTC", cron: "0 9 * * *"}) }')
mutation("recurrenceCreate", "recurrence { id }", projectId=_project, rule=lambda _: RULE,
         template=lambda _: {"title": "Water"})  # fmt: skip
mutation("recurrenceUpdate", "recurrence { id }", id=Scene.series, overlap=lambda _: "SKIP")
for verb in ("Pause", "Resume", "End"):
    mutation(f"recurrence{verb}", "recurrence { id }", id=Scene.series)
mutation("slaPolicySet", "policy { version }", projectId=_project, reminders=lambda _: ["PT1H"], ladder=lambda _: [])
mutation("slaPolicyReset", "policy { version }", projectId=_project)
mutation("taskSlaAcknowledge", "task { id }", id=Scene.late)


async def _recurrence(scene: Scene) -> tuple[str, dict[str, Any]]:
    return "query ($id: ID!) { recurrence(id: $id) { id } }", {"id": await scene.series()}


SAMPLES["Query.recurrence"] = _recurrence


def test_every_operation_has_a_sample() -> None:
    assert set(OWN) == set(SAMPLES)


@pytest.mark.parametrize("who", Who)
@pytest.mark.parametrize("operation", OWN)
async def test_what_happens_is_what_the_table_says(operation: str, who: Who) -> None:
    policy, scene = OPERATIONS[operation], await Scene.of()
    document, variables = await SAMPLES[operation](scene)
    answer = await scene.api.ask(scene.actor(who, policy), document, **variables)
    if operation == "Mutation.taskBulkUpdate" and "errors" not in answer:
        answer = _first_result(answer)
    if operation in READS and isinstance(policy, Permission) and who in (Who.NOBODY, Who.STRANGER):
        assert outcome(answer, nothing=Outcome.NOT_FOUND) in (Outcome.NOT_FOUND, Outcome.UNAUTHENTICATED)
    else:
        assert outcome(answer) is expected(who, policy)


def _first_result(answer: dict[str, Any]) -> dict[str, Any]:
    """What became of the first task, told as if it had been asked for alone."""
    error = answer["data"]["taskBulkUpdate"]["results"][0]["error"]
    return answer if error is None else {"errors": [{"extensions": error}]}
