"""Owns who may run which operation of the composed schema: every root field has an entry, and a test fails for a new
one that has none. What an entry says is what the services do; `tests/unit/subgraphs/*/schema/test_policies.py` runs
every operation as every role.

A permission is asked for in the workspace that the named entity belongs to. Somebody of another workspace is answered
as for an id that does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from proto.permissions import Permission


class Audience(StrEnum):
    """Who may run an operation that no role decides about."""

    PUBLIC = "public"
    """Anybody, also without logging in."""
    AUTHENTICATED = "authenticated"
    """Whoever is logged in."""
    SELF = "self"
    """Whoever is logged in, on what is their own."""


Policy = Audience | Permission

_ACCOUNTS: Mapping[str, Policy] = {
    "Query.me": Audience.PUBLIC,
    "Query.sessions": Audience.SELF,
    "Mutation.register": Audience.PUBLIC,
    "Mutation.login": Audience.PUBLIC,
    "Mutation.refresh": Audience.PUBLIC,
    "Mutation.logout": Audience.SELF,
    "Mutation.sessionRevoke": Audience.SELF,
    "Mutation.passwordChange": Audience.SELF,
    "Mutation.passwordResetRequest": Audience.PUBLIC,
    "Mutation.passwordReset": Audience.PUBLIC,
    "Mutation.emailVerify": Audience.PUBLIC,
    "Mutation.emailVerificationResend": Audience.SELF,
    "Mutation.userUpdate": Audience.SELF,
}
_WORKSPACES: Mapping[str, Policy] = {
    "Query.workspace": Permission.WORKSPACE_READ,
    "Query.workspaceBySlug": Permission.WORKSPACE_READ,
    "Query.workspaces": Audience.SELF,
    "Query.permissions": Audience.PUBLIC,
    "Mutation.workspaceCreate": Audience.AUTHENTICATED,
    "Mutation.workspaceUpdate": Permission.WORKSPACE_UPDATE,
    "Mutation.workspaceDelete": Permission.WORKSPACE_DELETE,
    "Mutation.workspaceRestore": Permission.WORKSPACE_DELETE,
    "Mutation.workspaceTransfer": Permission.WORKSPACE_TRANSFER,
    "Mutation.workspaceLeave": Permission.WORKSPACE_READ,
    "Mutation.workspaceMemberUpdate": Permission.MEMBERS_CHANGE,
    "Mutation.workspaceMemberRemove": Permission.MEMBERS_CHANGE,
    "Mutation.workspaceRoleCreate": Permission.ROLES_MANAGE,
    "Mutation.workspaceRoleUpdate": Permission.ROLES_MANAGE,
    "Mutation.workspaceRoleDelete": Permission.ROLES_MANAGE,
    "Mutation.workspaceInvite": Permission.MEMBERS_INVITE,
    "Mutation.invitationRevoke": Permission.MEMBERS_INVITE,
    "Mutation.invitationResend": Permission.MEMBERS_INVITE,
    "Mutation.invitationAccept": Audience.AUTHENTICATED,
}
# Whoever leads a project may also do what PROJECT_UPDATE allows in it.
_PROJECTS: Mapping[str, Policy] = {
    "Query.project": Permission.PROJECT_READ,
    "Mutation.projectCreate": Permission.PROJECT_CREATE,
    "Mutation.projectUpdate": Permission.PROJECT_UPDATE,
    "Mutation.projectArchive": Permission.PROJECT_UPDATE,
    "Mutation.projectUnarchive": Permission.PROJECT_UPDATE,
    "Mutation.projectDelete": Permission.PROJECT_DELETE,
    "Mutation.projectRestore": Permission.PROJECT_DELETE,
    "Mutation.projectMemberAdd": Permission.PROJECT_UPDATE,
    "Mutation.projectMemberRemove": Permission.PROJECT_UPDATE,
    "Mutation.projectStatusAdd": Permission.PROJECT_UPDATE,
    "Mutation.projectStatusUpdate": Permission.PROJECT_UPDATE,
    "Mutation.projectStatusReorder": Permission.PROJECT_UPDATE,
    "Mutation.projectStatusDelete": Permission.PROJECT_UPDATE,
    "Mutation.labelCreate": Permission.TASK_UPDATE,
    "Mutation.labelUpdate": Permission.PROJECT_UPDATE,
    "Mutation.labelDelete": Permission.PROJECT_UPDATE,
}
# Of comments, COMMENT_ADD is about one's own; others' are deleted by whoever may change the project.
_TASKS: Mapping[str, Policy] = {
    "Query.task": Permission.PROJECT_READ,
    "Mutation.taskCreate": Permission.TASK_CREATE,
    "Mutation.taskUpdate": Permission.TASK_UPDATE,
    "Mutation.taskBulkUpdate": Permission.TASK_UPDATE,
    "Mutation.taskMove": Permission.TASK_UPDATE,
    "Mutation.taskDelete": Permission.TASK_DELETE,
    "Mutation.taskRestore": Permission.TASK_DELETE,
    "Mutation.taskWatch": Permission.PROJECT_READ,
    "Mutation.taskUnwatch": Permission.PROJECT_READ,
    "Mutation.commentAdd": Permission.COMMENT_ADD,
    "Mutation.commentUpdate": Permission.COMMENT_ADD,
    "Mutation.commentDelete": Permission.COMMENT_ADD,
    "Mutation.reactionAdd": Permission.COMMENT_ADD,
    "Mutation.reactionRemove": Permission.COMMENT_ADD,
    "Subscription.taskChanged": Permission.PROJECT_READ,
    "Subscription.commentAdded": Permission.PROJECT_READ,
    "Subscription.commentChanged": Permission.PROJECT_READ,
}
_CLOCKS: Mapping[str, Policy] = {
    "Mutation.slaPolicySet": Permission.SLA_MANAGE,
    "Mutation.slaPolicyReset": Permission.SLA_MANAGE,
    "Mutation.taskSlaAcknowledge": Permission.TASK_UPDATE,
    "Query.recurrence": Permission.PROJECT_READ,
    "Query.recurrencePreview": Audience.AUTHENTICATED,
    "Mutation.recurrenceCreate": Permission.RECURRENCE_MANAGE,
    "Mutation.recurrenceUpdate": Permission.RECURRENCE_MANAGE,
    "Mutation.recurrencePause": Permission.RECURRENCE_MANAGE,
    "Mutation.recurrenceResume": Permission.RECURRENCE_MANAGE,
    "Mutation.recurrenceEnd": Permission.RECURRENCE_MANAGE,
}
_NOTIFICATIONS: Mapping[str, Policy] = {
    "Query.notification": Audience.SELF,
    "Query.webPushKey": Audience.PUBLIC,
    "Mutation.notificationMarkRead": Audience.SELF,
    "Mutation.notificationArchive": Audience.SELF,
    "Mutation.notificationUnarchive": Audience.SELF,
    "Mutation.notificationSnooze": Audience.SELF,
    "Mutation.notificationUnsnooze": Audience.SELF,
    "Mutation.notificationsMarkAllRead": Audience.SELF,
    "Mutation.notificationUnsubscribe": Audience.PUBLIC,
    "Mutation.notificationPreferencesUpdate": Audience.SELF,
    "Mutation.notificationProjectMute": Audience.SELF,
    "Mutation.notificationProjectUnmute": Audience.SELF,
    "Mutation.webPushSubscribe": Audience.SELF,
    "Mutation.webPushUnsubscribe": Audience.SELF,
    "Subscription.notificationReceived": Audience.SELF,
}

OPERATIONS: Mapping[str, Policy] = MappingProxyType(
    {**_ACCOUNTS, **_WORKSPACES, **_PROJECTS, **_TASKS, **_CLOCKS, **_NOTIFICATIONS}
)
"""Who may run each root field of the composed schema."""

FIELDS: Mapping[str, Policy] = MappingProxyType(
    {
        "Workspace.viewer": Permission.WORKSPACE_READ,
        "Workspace.members": Permission.MEMBERS_READ,
        "Workspace.roles": Permission.MEMBERS_READ,
        "Workspace.invitations": Permission.MEMBERS_INVITE,
        "Workspace.auditLog": Permission.AUDIT_READ,
    }
)
"""Who may read fields that ask for more than the entity they stand in."""
