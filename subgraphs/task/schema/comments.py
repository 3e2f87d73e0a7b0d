"""Mutations of comments and the live fields of a task's comments."""

from collections.abc import AsyncIterator
from datetime import datetime

import strawberry

from kit.graphql.live import fed_by_gateway, live
from subgraphs.task.domain.comments import CommentDraft
from subgraphs.task.schema.arguments import Info, acting, read_id
from subgraphs.task.schema.fields import mutation, subscription
from subgraphs.task.schema.types import Comment, User


@strawberry.input
class CommentAddInput:
    task_id: strawberry.ID
    body: str = strawberry.field(
        description="Markdown, 1 byte to 20 kB; `@[Name](user id)` or `@address@example.org` mentions a person."
    )
    parent_id: strawberry.ID | None = strawberry.field(default=None, description="The comment that this answers.")


@strawberry.type
class CommentAddPayload:
    comment: Comment


@strawberry.input
class CommentUpdateInput:
    id: strawberry.ID
    body: str
    expected_version: int | None = strawberry.field(default=None, description="Refuse when it has changed since.")


@strawberry.type
class CommentUpdatePayload:
    comment: Comment


@strawberry.input
class CommentDeleteInput:
    id: strawberry.ID
    expected_version: int | None = strawberry.field(default=None, description="Refuse when it has changed since.")


@strawberry.type
class CommentDeletePayload:
    comment: Comment


@strawberry.input
class ReactionAddInput:
    comment_id: strawberry.ID
    emoji: str = strawberry.field(description="One sign, at most 16 characters.")


@strawberry.type
class ReactionAddPayload:
    comment: Comment


@strawberry.input
class ReactionRemoveInput:
    comment_id: strawberry.ID
    emoji: str


@strawberry.type
class ReactionRemovePayload:
    comment: Comment


@strawberry.type
class CommentMutations:
    @strawberry.mutation
    async def comment_add(self, info: Info, input: CommentAddInput) -> CommentAddPayload:  # noqa: A002
        draft = CommentDraft(
            task_id=read_id("taskId", input.task_id),
            body=input.body,
            parent_id=None if input.parent_id is None else read_id("parentId", input.parent_id),
        )
        return CommentAddPayload(comment=Comment.of(await info.context.services.comments.add(acting(info), draft)))

    @mutation("Changes the words of a comment of yours.")
    async def comment_update(self, info: Info, input: CommentUpdateInput) -> CommentUpdatePayload:  # noqa: A002
        comment = await info.context.services.comments.edit(
            acting(info), read_id("id", input.id), input.body, expected_version=input.expected_version
        )
        return CommentUpdatePayload(comment=Comment.of(comment))

    @mutation("Takes the words of a comment away: of yours, or of anybody's when you may change the project.")
    async def comment_delete(self, info: Info, input: CommentDeleteInput) -> CommentDeletePayload:  # noqa: A002
        comment = await info.context.services.comments.delete(
            acting(info), read_id("id", input.id), expected_version=input.expected_version
        )
        return CommentDeletePayload(comment=Comment.of(comment))

    @strawberry.mutation
    async def reaction_add(self, info: Info, input: ReactionAddInput) -> ReactionAddPayload:  # noqa: A002
        comment = await info.context.services.comments.react(
            acting(info), read_id("commentId", input.comment_id), input.emoji, adding=True
        )
        return ReactionAddPayload(comment=Comment.of(comment))

    @strawberry.mutation
    async def reaction_remove(self, info: Info, input: ReactionRemoveInput) -> ReactionRemovePayload:  # noqa: A002
        comment = await info.context.services.comments.react(
            acting(info), read_id("commentId", input.comment_id), input.emoji, adding=False
        )
        return ReactionRemovePayload(comment=Comment.of(comment))


@strawberry.type(description="A new comment, as it happens.")
class CommentAddedEvent:
    event_id: strawberry.ID = strawberry.field(description="Send it as `after` to go on from here.")
    at: datetime
    comment: Comment


@strawberry.type(description="A comment that came or changed, as it happens.")
class CommentChangeEvent:
    event_id: strawberry.ID = strawberry.field(description="Send it as `after` to go on from here.")
    kind: str = strawberry.field(description="`comment.added` or `comment.updated`.")
    at: datetime
    comment: Comment = strawberry.field(description="The comment after the change.")
    actor: User | None


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

    @subscription(
        "New comments on a task, edited and deleted ones and reactions, or those from behind the event `after`.",
        directives=[
            live(
                topic="task:{args.taskId}",
                events=["comment.added", "comment.updated"],
                gate="task(id: $taskId) { id }",
                value={
                    "eventId": "$id",
                    "kind": "$type",
                    "at": "$time",
                    "comment": "$data.comment",
                    "actor": {"id": "$data.actorId"},
                },
            )
        ],
    )
    async def comment_changed(
        self, task_id: strawberry.ID, after: strawberry.ID | None = None
    ) -> AsyncIterator[CommentChangeEvent]:
        raise fed_by_gateway()
        yield  # the type of a stream; the gateway answers it from the events
