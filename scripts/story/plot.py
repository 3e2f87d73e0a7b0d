"""The story in six chapters. Every step is seen on the side of the people, or the story ends with `Unseen`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

import httpx2

from scripts.story import documents
from scripts.story.people import Event, Person, Socket, Stream, Unseen, connected
from scripts.story.report import Report

PASSWORD = "correct horse battery staple 9"  # noqa: S105 (of people who live as long as the story)
_LIVE_SECONDS = 10.0
_MAIL_SECONDS = 20.0
_DEAD_SECONDS = 2.0
_PATIENCE = (0.4, 0.8, 1.6, 3.2)
_DAY = timedelta(hours=24)
_TOKEN = re.compile(r"token=([\w.~-]+)")


@dataclass(slots=True)
class Screen:
    """What a person has open."""

    notifications: Stream
    tasks: Stream


@dataclass(slots=True)
class Story:
    """The people, the places and what they have made so far."""

    report: Report
    http: httpx2.AsyncClient
    gateways: Sequence[str]
    mail: str
    ada: Person = field(init=False)
    bob: Person = field(init=False)
    workspace: str = ""
    project: str = ""
    done: str = ""

    def __post_init__(self) -> None:
        run = uuid4().hex[:8]
        self.ada = Person("Ada", f"ada-{run}@example.com", PASSWORD, self.gateways[0], self.http)
        self.bob = Person("Bob", f"bob-{run}@example.com", PASSWORD, self.gateways[-1], self.http)

    async def play(self) -> None:
        """Raises Unseen when a step was not observed."""
        await self._meet()
        async with connected(self.ada) as ada_socket, connected(self.bob) as bob_socket:
            ada, bob = self._screen(ada_socket, "Ada"), self._screen(bob_socket, "Bob")
            await self._share(ada, bob)
            await self._remind(bob)
            await self._escalate(ada, bob)
            await self._work_together(ada, ada_socket)
            await self._look_across()
            await self._leave(bob)

    async def _meet(self) -> None:
        self.report.chapter("1. Ada founds a workspace and invites Bob")
        with self.report.step("Ada registers and logs in"):
            await self._sign_up(self.ada)
        with self.report.step("her refresh token is rotated") as seen:
            await self._rotate(self.ada)
            seen.append("a new pair of tokens works")
        with self.report.step("she creates a workspace and a project"):
            made = await self.ada.do(documents.WORKSPACE, input={"name": "Analytical Engines"})
            self.workspace = made["workspaceCreate"]["workspace"]["id"]
            given = {"workspaceId": self.workspace, "name": "Engine", "key": "ENG"}
            project = (await self.ada.do(documents.PROJECT, input=given))["projectCreate"]["project"]
            _same("the lead", project["lead"]["id"], self.ada.user_id)
            self.project = project["id"]
            self.done = next(one["name"] for one in project["statuses"] if one["category"] == "COMPLETED")
        with self.report.step("she invites Bob, and the mail arrives with a link") as seen:
            given = {"workspaceId": self.workspace, "email": self.bob.email}
            await self.ada.do(documents.INVITE, input=given)
            mail = await self._mail_to(self.bob, lambda found: _TOKEN.search(found["text"]) is not None)
            token = _TOKEN.findall(mail["text"])[0]
            seen.append(mail["subject"])
        with self.report.step("Bob registers with it and is a member"):
            await self._sign_up(self.bob, token)
            members = (await self.bob.do(documents.MEMBERS, id=self.workspace))["workspace"]["members"]["nodes"]
            roles = {member["user"]["id"]: member["role"] for member in members}
            _same("the members", roles, {self.ada.user_id: "OWNER", self.bob.user_id: "MEMBER"})

    async def _share(self, ada: Screen, bob: Screen) -> None:
        with self.report.step("both have the project and their notifications on screen"):
            # A subscription says nothing before its first event, so the first task is made until everybody sees it.
            kick_off = await self._until_seen(
                lambda: self._create("Kick-off", self.bob),
                lambda task: [
                    (ada.tasks, _is_task(task["id"])),
                    (bob.tasks, _is_task(task["id"])),
                    (bob.notifications, _is_notice(task["id"], "task.assigned")),
                ],
            )
            await self._finish(self.bob, kick_off)

    async def _remind(self, bob: Screen) -> None:
        self.report.chapter("2. A task for Bob, due in 24 hours and 5 seconds")
        with self.report.step("Bob sees the task and his notification live") as seen:
            due = datetime.now(UTC) + _DAY + timedelta(seconds=5)
            began = monotonic()
            task = await self._create("Build the mill", self.bob, due)
            await bob.tasks.expect("the task", _is_task(task["id"]), _LIVE_SECONDS)
            seen.append(f"task after {_ms(began)}")
            await bob.notifications.expect("the news", _is_notice(task["id"], "task.assigned"), _LIVE_SECONDS)
            seen.append(f"notification after {_ms(began)}")
        with self.report.step("inbox and unread count agree") as seen:
            seen.append(f"{await self._unread(self.bob)} unread")
        with self.report.step("the reminder comes live, 24 hours before the deadline") as seen:
            await bob.notifications.expect("the reminder", _is_notice(task["id"], "sla.reminder"), 20)
            seen.append(f"{(datetime.now(UTC) - (due - _DAY)).total_seconds() * 1000:+.0f} ms")
        with self.report.step("and by mail") as seen:
            mail = await self._mail_to(self.bob, lambda found: task["key"] in found["subject"])
            seen.append(mail["subject"])

    async def _escalate(self, ada: Screen, bob: Screen) -> None:
        self.report.chapter("3. Two tasks due in 8 seconds: one is forgotten, one is done")
        due = datetime.now(UTC) + timedelta(seconds=8)
        with self.report.step("both are reminded of at once"):
            forgotten = await self._create("Order the brass", self.bob, due)
            done = await self._create("Draw the plans", self.bob, due)
            for task in (forgotten, done):
                await bob.notifications.expect("the reminder", _is_notice(task["id"], "sla.reminder"), _LIVE_SECONDS)
        with self.report.step("Bob completes one of them in time"):
            await self._finish(self.bob, done)
            if datetime.now(UTC) >= due:
                raise Unseen("it took longer than the eight seconds, so nothing is shown by this run")
        with self.report.step("the other one escalates to the project's lead when it is overdue") as seen:
            await ada.notifications.expect("the escalation", _is_notice(forgotten["id"], "sla.escalation"), 25)
            seen.append(f"{(datetime.now(UTC) - due).total_seconds() * 1000:+.0f} ms")
            mail = await self._mail_to(self.ada, lambda found: forgotten["key"] in found["subject"])
            seen.append(f"mail: {mail['subject']}")
        with self.report.step("each exactly once; nothing for the task that was done in time"):
            # A deadline that is set and met later than those above has passed through everything that they did.
            await self._let_another_deadline_pass(ada)
            await self._exactly_once(self.bob, bob, forgotten, "sla.reminder", 1)
            await self._exactly_once(self.ada, ada, forgotten, "sla.escalation", 1)
            await self._exactly_once(self.bob, bob, done, "sla.reminder", 1)
            await self._exactly_once(self.ada, ada, done, "sla.escalation", 0)

    async def _let_another_deadline_pass(self, ada: Screen) -> None:
        later = await self._create("Oil the gears", self.bob, datetime.now(UTC) + timedelta(seconds=2))
        await ada.notifications.expect("a later escalation", _is_notice(later["id"], "sla.escalation"), 20)
        await self._mail_to(self.ada, lambda found: later["key"] in found["subject"])

    async def _work_together(self, ada: Screen, socket: Socket) -> None:
        self.report.chapter("4. Ada watches Bob work")
        task = await self._create("Punch the cards", self.bob)
        with self.report.step("Bob moves the task, Ada sees it live") as seen:
            began = monotonic()
            moved = await self._finish(self.bob, task)
            await ada.tasks.expect("the move", _has_version(moved["id"], moved["version"]), _LIVE_SECONDS)
            seen.append(f"after {_ms(began)}")
        with self.report.step("he comments, she sees it live"):
            comments = socket.subscribe("Ada's comments", documents.COMMENTS, task=task["id"])
            given = {"taskId": task["id"], "body": "All 420 of them."}
            await self._until_seen(
                lambda: self.bob.do(documents.COMMENT, input=given),
                lambda made: [(comments, _is_comment(made["commentAdd"]["comment"]["id"]))],
            )
        with self.report.step("her stale update gets a conflict that shows both values") as seen:
            given = {"id": task["id"], "title": "Punch all cards", "status": task["status"]}
            stale = {**given, "expectedVersion": task["version"]}
            error = await self.ada.refused(documents.TASK_UPDATE, input=stale)
            _same("the code", error["extensions"]["code"], "VERSION_CONFLICT")
            shown = error["extensions"]["fields"]
            _same("the current status", shown["current"]["status"], self.done)
            _same("the submitted status", shown["submitted"]["status"], task["status"])
            seen.append(f"{shown['submitted']['status']!r} against {shown['current']['status']!r}")

    async def _look_across(self) -> None:
        self.report.chapter("5. One query across all three subgraphs")
        with self.report.step("Bob's day: who he is, what he was told, what he has to do, and with whom") as seen:
            me = (await self.bob.do(documents.ACROSS))["me"]
            task = next(one for one in me["assignedTasks"]["nodes"] if one["title"] == "Punch the cards")
            members = task["project"]["workspace"]["members"]["nodes"]
            _same("the people", sorted(one["user"]["displayName"] for one in members), ["Ada", "Bob"])
            _same("the unread count", me["unreadCount"], await self._unread(self.bob))
            seen.append(
                f"{len(me['assignedTasks']['nodes'])} tasks, {me['unreadCount']} unread, {len(members)} members"
            )

    async def _leave(self, bob: Screen) -> None:
        self.report.chapter("6. Bob logs out")
        with self.report.step("access token, refresh token and socket are dead within 2 seconds everywhere") as seen:
            await self.bob.do(documents.ME)
            began = monotonic()
            await self.bob.do(documents.LOGOUT)
            await asyncio.gather(self._socket_dies(bob, began, seen), self._tokens_die(began, seen))

    async def _socket_dies(self, bob: Screen, began: float, seen: list[str]) -> None:
        try:
            async with asyncio.timeout(_DEAD_SECONDS):
                await asyncio.gather(bob.tasks.over.wait(), bob.notifications.over.wait())
        except TimeoutError:
            raise Unseen(f"Bob's socket is still open after {_DEAD_SECONDS} s") from None
        seen.append(f"socket after {_ms(began)}")

    async def _tokens_die(self, began: float, seen: list[str]) -> None:
        for gateway in self.gateways:
            while not (await self.bob.answer(documents.ME, gateway=gateway)).get("errors"):
                if monotonic() - began > _DEAD_SECONDS:
                    raise Unseen(f"{gateway} takes the access token after {_DEAD_SECONDS} s")
                await asyncio.sleep(0.05)
        seen.append(f"access token after {_ms(began)}")
        error = await self.bob.refused(documents.REFRESH, input={"refreshToken": self.bob.refresh})
        if error["extensions"]["kind"] != "unauthenticated":
            raise Unseen(f"the refresh token was refused for another reason: {error}")
        seen.append(f"refresh token: {error['extensions']['code']}")

    async def _sign_up(self, person: Person, token: str | None = None) -> None:
        given = {
            "email": person.email,
            "password": person.password,
            "displayName": person.name,
            "invitationToken": token,
        }
        await person.do(documents.REGISTER, input=given)
        login = await person.do(documents.LOGIN, input={"email": person.email, "password": person.password})
        person.access, person.refresh = login["login"]["accessToken"], login["login"]["refreshToken"]
        person.user_id = login["login"]["user"]["id"]
        _same("the viewer", (await person.do(documents.ME))["me"], {"id": person.user_id, "displayName": person.name})

    async def _rotate(self, person: Person) -> None:
        before = person.refresh
        pair = (await person.do(documents.REFRESH, input={"refreshToken": before}))["refresh"]
        person.access, person.refresh = pair["accessToken"], pair["refreshToken"]
        if person.refresh == before:
            raise Unseen("the refresh token is still the same")
        await person.do(documents.ME)

    async def _create(self, title: str, assignee: Person, due: datetime | None = None) -> Event:
        given = {
            "projectId": self.project,
            "title": title,
            "assigneeIds": [assignee.user_id],
            "dueAt": due.isoformat() if due else None,
        }
        made: Event = (await self.ada.do(documents.TASK_CREATE, input=given))["taskCreate"]["task"]
        return made

    async def _finish(self, person: Person, task: Event) -> Event:
        given = {"id": task["id"], "status": self.done}
        moved: Event = (await person.do(documents.TASK_UPDATE, input=given))["taskUpdate"]["task"]
        return moved

    async def _unread(self, person: Person) -> int:
        """The unread count, which has to be that of the list."""
        me = (await person.do(documents.INBOX))["me"]
        unread = [one for one in me["notifications"]["nodes"] if one["readAt"] is None]
        _same("the unread count", me["unreadCount"], len(unread))
        return len(unread)

    async def _exactly_once(self, person: Person, screen: Screen, task: Event, category: str, count: int) -> None:
        """In the inbox, live and by mail."""
        inbox = (await person.do(documents.INBOX))["me"]["notifications"]["nodes"]
        told = [one for one in inbox if one["category"] == category and one["task"]["id"] == task["id"]]
        _same(f"{category} of {task['key']} in the inbox", len(told), count)
        _same(f"{category} of {task['key']} live", screen.notifications.count(_is_notice(task["id"], category)), count)
        mails = [found for found in await self._mails(person) if f"{task['key']} " in found["subject"]]
        _same(f"mails about {task['key']} to {person.name}", len({found["messageId"] for found in mails}), count)

    def _screen(self, socket: Socket, name: str) -> Screen:
        return Screen(
            notifications=socket.subscribe(f"{name}'s notifications", documents.NOTIFICATIONS),
            tasks=socket.subscribe(f"{name}'s project", documents.TASKS, project=self.project),
        )

    async def _until_seen(
        self,
        act: Callable[[], Awaitable[Event]],
        sights: Callable[[Event], list[tuple[Stream, Callable[[Event], bool]]]],
    ) -> Event:
        """Acts, at most five times, until everything that it has to show was seen."""
        for patience in _PATIENCE:
            with suppress(Unseen):
                return await self._act_and_see(act, sights, patience)
        return await self._act_and_see(act, sights, _LIVE_SECONDS)

    async def _act_and_see(
        self,
        act: Callable[[], Awaitable[Event]],
        sights: Callable[[Event], list[tuple[Stream, Callable[[Event], bool]]]],
        seconds: float,
    ) -> Event:
        made = await act()
        for stream, fits in sights(made):
            await stream.expect("what was done", fits, seconds)
        return made

    async def _mails(self, person: Person) -> list[dict[str, Any]]:
        response = await self.http.get(self.mail + "/api/messages", params={"to": person.email})
        found: list[dict[str, Any]] = response.json()
        return found

    async def _mail_to(self, person: Person, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        until = monotonic() + _MAIL_SECONDS
        while monotonic() < until:
            for found in await self._mails(person):
                if fits(found):
                    return found
            await asyncio.sleep(0.05)
        raise Unseen(f"no such mail to {person.name} within {_MAIL_SECONDS} s")


def _is_task(task_id: str) -> Callable[[Event], bool]:
    return lambda event: bool(event["task"]["id"] == task_id)


def _has_version(task_id: str, version: int) -> Callable[[Event], bool]:
    return lambda event: bool(event["task"]["id"] == task_id and event["task"]["version"] == version)


def _is_comment(comment_id: str) -> Callable[[Event], bool]:
    return lambda event: bool(event["comment"]["id"] == comment_id)


def _is_notice(task_id: str, category: str) -> Callable[[Event], bool]:
    return lambda event: bool(
        event["notification"]["category"] == category and event["notification"]["task"]["id"] == task_id
    )


def _same(what: str, seen: object, expected: object) -> None:
    if seen != expected:
        raise Unseen(f"{what}: {seen} instead of {expected}")


def _ms(began: float) -> str:
    return f"{(monotonic() - began) * 1000:.0f} ms"
