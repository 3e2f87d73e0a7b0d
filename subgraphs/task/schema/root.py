"""The whole schema. Its SDL is kept beside it as `schema.graphql`: a difference is a review."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from kit.graphql import SubgraphSchema
from subgraphs.task.schema.comments import CommentMutations, CommentSubscriptions
from subgraphs.task.schema.durations import SCALARS
from subgraphs.task.schema.labels import LabelMutations
from subgraphs.task.schema.projects import ProjectMutations, ProjectQueries
from subgraphs.task.schema.recurrence_types import Recurrence
from subgraphs.task.schema.recurrences import RecurrenceMutations, RecurrenceQueries
from subgraphs.task.schema.sla import SlaMutations
from subgraphs.task.schema.tasks import TaskMutations, TaskQueries, TaskSubscriptions
from subgraphs.task.schema.types import Comment, Project, Task, User, Workspace
from subgraphs.task.schema.workflow import WorkflowMutations


@strawberry.type
class Query(ProjectQueries, TaskQueries, RecurrenceQueries):
    """What can be read."""


@strawberry.type
class Mutation(
    ProjectMutations,
    WorkflowMutations,
    LabelMutations,
    TaskMutations,
    CommentMutations,
    RecurrenceMutations,
    SlaMutations,
):
    """What can be changed."""


@strawberry.type
class Subscription(TaskSubscriptions, CommentSubscriptions):
    """What can be followed; the gateway answers these from the events."""


def build_schema() -> SubgraphSchema:
    """The schema that this process serves."""
    return SubgraphSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Project, Task, Comment, User, Workspace, Recurrence],
        config=StrawberryConfig(scalar_map=dict(SCALARS)),
    )
