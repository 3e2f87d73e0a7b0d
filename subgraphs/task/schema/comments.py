"""Mutations of comments and the live field of a task's comments."""

from collections.abc import AsyncIterator
from datetime import datetime

import strawberry

from kit.graphql.live import fed_by_gateway, live
from subgraphs.task.domain.comments import CommentDraft
from subgraphs.task.schema.arguments import Info, read_id
from subgraphs.task.schema.fields import subscription
from subgraphs.task.schema.types import Comment


@strawberry.input
class CommentAddInput:
    task_id: strawberry.ID
    body: str = strawberry.field(description="Markdown, 1 byte to 20 kB.")


@strawberry.type
class CommentAddPayload:
    comment: Comment


@strawberry.type
class CommentMutations:
    @strawberry.mutation
    async def comment_add(self, info: Info, input: CommentAddInput) -> CommentAddPayload:  # noqa: A002
        draft = CommentDraft(task_id=read_id("taskId", input.task_id), body=input.body)
        comment = await info.context.services.comments.add(info.context.viewer, draft)
        return CommentAddPayload(comment=Comment.of(comment))


@strawberry.type(description="A new comment, as it happens.")
class CommentAddedEvent:
    event_id: strawberry.ID = strawberry.field(description="Send it as `after` to go on from here.")
    at: datetime
    comment: Comment


@strawberry.type
class CommentSubscriptions:
    @subscription(
        "The comments on a task from now on, or from behind the event `after`.",
        directives=[
            live(
                topic="task:{args.taskId}",
                events=["comment.added"],
                gate="task(id: $taskId) { id }",
                value={"eventId": "$id", "at": "$time", "comment": "$data.comment"},
            )
        ],
    )
    async def comment_added(
        self, task_id: strawberry.ID, after: strawberry.ID | None = None
    ) -> AsyncIterator[CommentAddedEvent]:
        raise fed_by_gateway()
        yield  # the type of a stream; the gateway answers it from the events
