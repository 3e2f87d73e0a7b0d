"""The stored GraphQL operations behind the routes."""

from __future__ import annotations

_USER = "id displayName avatarUrl email"
_TOKENS = f"accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt sessionId user {{ {_USER} }}"
_WORKSPACE = "id name slug createdAt"
_PROJECT = "id key name description visibility state archivedAt deletedAt version createdAt updatedAt"
_TASK = """id key number title description status statusCategory priority workspaceId projectId assigneeIds reporterId
  dueAt startAt estimate position parentId labelIds watcherIds version createdAt updatedAt deletedAt"""
_NOTIFICATION = "id category title body createdAt readAt archivedAt snoozedUntil version"
_PAGE = "pageInfo { hasNextPage endCursor }"

REGISTER = f"""mutation ($input: RegisterInput!) {{
  register(input: $input) {{ user {{ {_USER} }} workspace {{ {_WORKSPACE} }} }}
}}"""
LOGIN = f"mutation ($input: LoginInput!) {{ login(input: $input) {{ {_TOKENS} }} }}"
REFRESH = f"mutation ($input: RefreshInput!) {{ refresh(input: $input) {{ {_TOKENS} }} }}"
LOGOUT = "mutation ($input: LogoutInput!) { logout(input: $input) { sessionIds } }"

WORKSPACE_CREATE = f"""mutation ($input: WorkspaceCreateInput!) {{
  workspaceCreate(input: $input) {{ workspace {{ {_WORKSPACE} }} }}
}}"""
WORKSPACES = f"""query ($first: Int, $after: String) {{
  workspaces(first: $first, after: $after) {{ nodes {{ {_WORKSPACE} }} {_PAGE} }}
}}"""
INVITE = """mutation ($input: WorkspaceInviteInput!) {
  workspaceInvite(input: $input) { invitation { id email role state expiresAt createdAt } }
}"""
MEMBERS = f"""query ($id: ID!, $first: Int, $after: String) {{
  workspace(id: $id) {{
    members(first: $first, after: $after) {{ nodes {{ user {{ {_USER} }} role joinedAt }} {_PAGE} }}
  }}
}}"""

PROJECT_CREATE = f"""mutation ($input: ProjectCreateInput!) {{
  projectCreate(input: $input) {{ project {{ {_PROJECT} }} }}
}}"""
PROJECT = f"query ($id: ID!) {{ project(id: $id) {{ {_PROJECT} }} }}"

TASK_CREATE = f"mutation ($input: TaskCreateInput!) {{ taskCreate(input: $input) {{ task {{ {_TASK} }} }} }}"
TASK = f"query ($id: ID!) {{ task(id: $id) {{ {_TASK} }} }}"
TASK_UPDATE = f"mutation ($input: TaskUpdateInput!) {{ taskUpdate(input: $input) {{ task {{ {_TASK} }} }} }}"
COMMENT_ADD = """mutation ($input: CommentAddInput!) {
  commentAdd(input: $input) { comment { id taskId body authorId parentId mentionedIds version createdAt editedAt } }
}"""

NOTIFICATIONS = f"""query ($first: Int, $after: String, $unreadOnly: Boolean! = false) {{
  me {{
    notifications(first: $first, after: $after, unreadOnly: $unreadOnly) {{ nodes {{ {_NOTIFICATION} }} {_PAGE} }}
  }}
}}"""
MARK_READ = f"""mutation ($id: ID!) {{
  notificationMarkRead(input: {{id: $id}}) {{ notification {{ {_NOTIFICATION} }} }}
}}"""
UNREAD_COUNT = "query { me { unreadCount } }"
