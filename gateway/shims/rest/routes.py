"""The routes: which operation each one runs, where its variables come from and which part of the data is the resource.

Operations stay inside one service where they can, so that a resource is there or not there as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.shims.rest import operations


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method on one path.

    `{names}` of the path are variables of the operation, or fields of its `$input` as `into_input` says; the body is
    the rest of `$input`; all other variables are parameters of the query string. `result` leads to the resource in the
    data.
    """

    method: str
    path: str
    operation: str
    result: tuple[str, ...]
    summary: str
    tag: str
    status: int = 200
    into_input: Mapping[str, str] = field(default_factory=dict)
    location: str | None = None  # a path with {id} of what was made
    versioned: bool = False  # has an ETag; a write takes If-Match
    paged: bool = False  # the resource is a connection
    public: bool = False  # needs no access token


ROUTES = (
    Route(
        method="POST",
        path="/auth/register",
        operation=operations.REGISTER,
        result=("register",),
        summary="Create an account",
        tag="auth",
        status=201,
        public=True,
    ),
    Route(
        method="POST",
        path="/auth/login",
        operation=operations.LOGIN,
        result=("login",),
        summary="Open a session",
        tag="auth",
        public=True,
    ),
    Route(
        method="POST",
        path="/auth/refresh",
        operation=operations.REFRESH,
        result=("refresh",),
        summary="Go on with a session: new tokens for a refresh token",
        tag="auth",
        public=True,
    ),
    Route(
        method="POST",
        path="/auth/logout",
        operation=operations.LOGOUT,
        result=("logout",),
        summary="End sessions; their tokens are dead at once",
        tag="auth",
        public=True,
    ),
    Route(
        method="POST",
        path="/workspaces",
        operation=operations.WORKSPACE_CREATE,
        result=("workspaceCreate", "workspace"),
        summary="Found a workspace",
        tag="workspaces",
        status=201,
    ),
    Route(
        method="GET",
        path="/workspaces",
        operation=operations.WORKSPACES,
        result=("workspaces",),
        summary="The workspaces of the caller",
        tag="workspaces",
        paged=True,
    ),
    Route(
        method="POST",
        path="/workspaces/{id}/invite",
        operation=operations.INVITE,
        result=("workspaceInvite", "invitation"),
        summary="Invite someone by e-mail",
        tag="workspaces",
        status=201,
        into_input={"id": "workspaceId"},
    ),
    Route(
        method="GET",
        path="/workspaces/{id}/members",
        operation=operations.MEMBERS,
        result=("workspace", "members"),
        summary="The members of a workspace",
        tag="workspaces",
        paged=True,
    ),
    Route(
        method="POST",
        path="/projects",
        operation=operations.PROJECT_CREATE,
        result=("projectCreate", "project"),
        summary="Create a project",
        tag="projects",
        status=201,
        location="/projects/{id}",
        versioned=True,
    ),
    Route(
        method="GET",
        path="/projects/{id}",
        operation=operations.PROJECT,
        result=("project",),
        summary="A project",
        tag="projects",
        versioned=True,
    ),
    Route(
        method="POST",
        path="/tasks",
        operation=operations.TASK_CREATE,
        result=("taskCreate", "task"),
        summary="Create a task; with a due date its clock starts",
        tag="tasks",
        status=201,
        location="/tasks/{id}",
        versioned=True,
    ),
    Route(
        method="GET",
        path="/tasks/{id}",
        operation=operations.TASK,
        result=("task",),
        summary="A task",
        tag="tasks",
        versioned=True,
    ),
    Route(
        method="PATCH",
        path="/tasks/{id}",
        operation=operations.TASK_UPDATE,
        result=("taskUpdate", "task"),
        summary="Change a task; what is absent stays as it is",
        tag="tasks",
        into_input={"id": "id"},
        versioned=True,
    ),
    Route(
        method="POST",
        path="/tasks/{id}/comments",
        operation=operations.COMMENT_ADD,
        result=("commentAdd", "comment"),
        summary="Comment on a task",
        tag="tasks",
        status=201,
        into_input={"id": "taskId"},
    ),
    Route(
        method="GET",
        path="/notifications",
        operation=operations.NOTIFICATIONS,
        result=("me", "notifications"),
        summary="The caller's inbox, the newest first",
        tag="notifications",
        paged=True,
    ),
    Route(
        method="PATCH",
        path="/notifications/{id}/read",
        operation=operations.MARK_READ,
        result=("notificationMarkRead", "notification"),
        summary="Mark a notification as read",
        tag="notifications",
    ),
    Route(
        method="GET",
        path="/notifications/unread-count",
        operation=operations.UNREAD_COUNT,
        result=("me",),
        summary="How many notifications the caller has not read",
        tag="notifications",
    ),
)
