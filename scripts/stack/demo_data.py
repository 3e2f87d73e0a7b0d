"""A small workspace to look at, made through the gateway as any client would make it.

Every step first looks whether its result is there, so loading it again, also after a start cut off, adds nothing.
"""

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from scripts.engines.engine import EngineError

PASSWORD = "correct horse battery staple"  # noqa: S105 (a demo login is printed, not secret)
WORKSPACE, SLUG, PROJECT = "Demo", "demo", "ENG"
NEEDS = {"gateway", "auth", "task", "notification"}
RETRIED = {"UNAVAILABLE", "TIMEOUT"}

LOGIN = "mutation Login($input: LoginInput!) { login(input: $input) { accessToken user { id } } }"
REGISTER = "mutation Register($input: RegisterInput!) { register(input: $input) { user { id } } }"
WORKSPACES = """query Workspaces {
  workspaces(first: 100) { nodes { id slug projects(first: 100) { nodes { ...Project } } } }
}
fragment Project on Project { id key tasks(first: 100) { nodes { title } } }"""
CREATE_WORKSPACE = """mutation CreateWorkspace($input: WorkspaceCreateInput!) {
  workspaceCreate(input: $input) { workspace { id } }
}"""
INVITE = "mutation Invite($input: WorkspaceInviteInput!) { workspaceInvite(input: $input) { invitation { id } } }"
CREATE_PROJECT = (
    "mutation CreateProject($input: ProjectCreateInput!) { projectCreate(input: $input) { project { id } } }"
)
CREATE_TASK = "mutation CreateTask($input: TaskCreateInput!) { taskCreate(input: $input) { task { id } } }"


class RefusedError(EngineError):
    """The gateway answered with an error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"the demo workspace could not be loaded: {message} ({code})")
        self.code = code


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can log in."""

    name: str
    email: str


ADA, BOB = Person("Ada Lovelace", "ada@example.com"), Person("Bob Noyce", "bob@example.com")


@dataclass(frozen=True, slots=True)
class Gateway:
    """The product as a client sees it: its GraphQL endpoint, and the mail it sends."""

    graphql: str
    mail: str

    def execute(self, document: str, variables: Mapping[str, object], token: str = "", seconds: float = 30.0) -> Any:
        """The data; tries again while a part of the product is still coming up. Raises RefusedError."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self._once(document, variables, token)
            except RefusedError as error:
                if error.code not in RETRIED or time.monotonic() > deadline:
                    raise
                time.sleep(0.3)

    def invitation_token(self, email: str, seconds: float = 30.0) -> str:
        """The secret in the newest mail that invites `email`. Raises EngineError when none comes."""
        deadline = time.monotonic() + seconds
        url = f"{self.mail}/api/messages?{urllib.parse.urlencode({'to': email})}"
        while time.monotonic() < deadline:
            with urllib.request.urlopen(url, timeout=5.0) as answer:  # noqa: S310 (our own loopback address)
                for message in json.load(answer):
                    if found := re.search(r"token=(\S+)", message["text"]):
                        return urllib.parse.unquote(found.group(1))
            time.sleep(0.2)
        raise EngineError(f"no invitation for {email} came by mail within {seconds:.0f} s")

    def _once(self, document: str, variables: Mapping[str, object], token: str) -> Any:
        body = json.dumps({"query": document, "variables": variables}).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self.graphql, body, headers)  # noqa: S310 (our own loopback address)
        try:
            with urllib.request.urlopen(request, timeout=20.0) as answer:  # noqa: S310
                reply = json.load(answer)
        except urllib.error.HTTPError as error:
            reply = _json_of(error)
        except OSError as error:
            raise RefusedError("UNAVAILABLE", str(error)) from error
        if reply.get("errors"):
            first = reply["errors"][0]
            raise RefusedError(str(first.get("extensions", {}).get("code", "UNKNOWN")), str(first["message"]))
        return reply["data"]


def load(gateway: Gateway) -> list[tuple[str, str]]:
    """Make what is missing; returns the logins to show. Raises EngineError."""
    ada, ada_id = _login(gateway, ADA) or _register(gateway, ADA)
    workspace = _workspace(gateway, ada)
    if (login := _login(gateway, BOB)) is None:
        invitation = {"workspaceId": workspace["id"], "email": BOB.email}
        gateway.execute(INVITE, {"input": invitation}, ada)
        login = _register(gateway, BOB, gateway.invitation_token(BOB.email))
    project = _project(gateway, ada, workspace)
    titles = {task["title"] for task in project["tasks"]["nodes"]}
    for task in _tasks(project["id"], ada_id, login[1], datetime.now(UTC)):
        if task["title"] not in titles:
            gateway.execute(CREATE_TASK, {"input": task}, ada)
    return [(person.name, f"{person.email}  {PASSWORD}") for person in (ADA, BOB)]


def _login(gateway: Gateway, person: Person) -> tuple[str, str] | None:
    try:
        payload = gateway.execute(LOGIN, {"input": {"email": person.email, "password": PASSWORD}})["login"]
    except RefusedError as error:
        if error.code == "CREDENTIALS_INVALID":
            return None
        raise
    return payload["accessToken"], payload["user"]["id"]


def _register(gateway: Gateway, person: Person, invitation: str | None = None) -> tuple[str, str]:
    account = {"email": person.email, "password": PASSWORD, "displayName": person.name, "invitationToken": invitation}
    gateway.execute(REGISTER, {"input": account})
    login = _login(gateway, person)
    if login is None:
        raise EngineError(f"{person.email} was registered but cannot log in")
    return login


def _workspace(gateway: Gateway, token: str) -> Any:
    if (found := _find_workspace(gateway, token)) is not None:
        return found
    gateway.execute(CREATE_WORKSPACE, {"input": {"name": WORKSPACE, "slug": SLUG}}, token)
    made = _find_workspace(gateway, token)
    if made is None:
        raise EngineError("the demo workspace was made but is not listed")
    return made


def _find_workspace(gateway: Gateway, token: str) -> Any:
    nodes = gateway.execute(WORKSPACES, {}, token)["workspaces"]["nodes"]
    return next((one for one in nodes if one["slug"] == SLUG), None)


def _project(gateway: Gateway, token: str, workspace: Any) -> Any:
    for project in workspace["projects"]["nodes"]:
        if project["key"] == PROJECT:
            return project
    project = {"workspaceId": workspace["id"], "key": PROJECT, "name": "Engineering"}
    made = gateway.execute(CREATE_PROJECT, {"input": project}, token)["projectCreate"]["project"]
    return {"id": made["id"], "tasks": {"nodes": []}}


def _tasks(project: str, ada: str, bob: str, now: datetime) -> list[dict[str, object]]:
    def task(title: str, assignee: str, due: timedelta | None, priority: str) -> dict[str, object]:
        due_at = (now + due).isoformat() if due is not None else None
        return {"projectId": project, "title": title, "assigneeIds": [assignee], "dueAt": due_at, "priority": priority}

    return [
        task("Write the launch checklist", bob, timedelta(days=2), "HIGH"),
        task("Review the backup restore", ada, timedelta(hours=30), "MEDIUM"),
        task("Collect ideas for the next cycle", bob, None, "LOW"),
    ]


def _json_of(error: urllib.error.HTTPError) -> dict[str, Any]:
    try:
        reply = json.loads(error.read())
    except json.JSONDecodeError:
        reply = {}
    if isinstance(reply, dict) and reply.get("errors"):
        return reply
    code = "UNAVAILABLE" if error.code in {502, 503, 504} else f"HTTP_{error.code}"
    return {"errors": [{"message": f"HTTP status {error.code}", "extensions": {"code": code}}]}
