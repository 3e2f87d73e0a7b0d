"""The operations that people send in the story."""

from __future__ import annotations

REGISTER = """mutation ($input: RegisterInput!) { register(input: $input) { user { id } workspace { id } } }"""
LOGIN = """mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken user { id } } }"""
REFRESH = """mutation ($input: RefreshInput!) { refresh(input: $input) { accessToken refreshToken } }"""
LOGOUT = """mutation { logout(input: {}) { sessionIds } }"""
ME = """{ me { id displayName } }"""
WORKSPACE = """mutation ($input: WorkspaceCreateInput!) { workspaceCreate(input: $input) { workspace { id slug } } }"""
INVITE = """mutation ($input: WorkspaceInviteInput!) { workspaceInvite(input: $input) { invitation { id email } } }"""
MEMBERS = """query ($id: ID!) {
  workspace(id: $id) { members { nodes { user { id displayName } role } } }
}"""
PROJECT = """mutation ($input: ProjectCreateInput!) {
  projectCreate(input: $input) { project { id key lead { id } statuses { name category } } }
}"""
TASK_CREATE = """mutation ($input: TaskCreateInput!) {
  taskCreate(input: $input) { task { id key title version status dueAt assignees { id displayName } } }
}"""
TASK_UPDATE = """mutation ($input: TaskUpdateInput!) {
  taskUpdate(input: $input) { task { id key title version status statusCategory } }
}"""
COMMENT = """mutation ($input: CommentAddInput!) { commentAdd(input: $input) { comment { id body } } }"""
INBOX = """query ($first: Int = 100) {
  me {
    unreadCount
    notifications(first: $first) { nodes { id category title readAt task { id key } } }
  }
}"""
ACROSS = """{
  me {
    displayName
    unreadCount
    notifications(first: 3) { nodes { title category task { key status } } }
    assignedTasks { nodes { key title project { name workspace {
      name members { nodes { user { displayName } role } }
    } } } }
  }
}"""
NOTIFICATIONS = """subscription {
  notificationReceived { eventId unreadCount notification { id category title task { id key } } }
}"""
TASKS = """subscription ($project: ID!) {
  taskChanged(projectId: $project) {
    eventId kind changed task { id key title status version assignees { displayName } }
  }
}"""
COMMENTS = """subscription ($task: ID!) {
  commentAdded(taskId: $task) { eventId comment { id body author { displayName } } }
}"""
