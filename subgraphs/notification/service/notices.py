"""From something that happened to everything it makes: notifications, mails, and nothing when it comes twice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from kit.clock import Clock
from kit.ids import derive_id
from subgraphs.notification.domain import notices
from subgraphs.notification.domain.deliveries import Delivery, Letter, Push, is_address
from subgraphs.notification.domain.memberships import Membership
from subgraphs.notification.domain.notices import AccountLink, Alert, Invitation, Notice, Remark, Task
from subgraphs.notification.domain.notifications import Category, Notification, notification_id, to_millis
from subgraphs.notification.domain.preferences import Preferences, Route
from subgraphs.notification.domain.profiles import Profile
from subgraphs.notification.errors import invalid_address
from subgraphs.notification.service.links import Links
from subgraphs.notification.service.memberships import departed
from subgraphs.notification.service.ports import (
    Cause,
    Directory,
    Effect,
    Ledger,
    Letters,
    Memberships,
    Mention,
    Mentions,
    PreferenceStore,
    Profiles,
    Subscriptions,
)
from subgraphs.notification.service.profiles import resolve_people

_NOBODY_KNOWN = "Someone"

Write = Callable[[Notice, Profile], Letter]
"""What a mail about a notice says to somebody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcer:
    """Tells people. Every method may be called again with the same cause and then does nothing."""

    ledger: Ledger
    profiles: Profiles
    memberships: Memberships
    mentions: Mentions
    directory: Directory
    letters: Letters
    preferences: PreferenceStore
    subscriptions: Subscriptions
    links: Links
    clock: Clock

    async def task_assigned(self, task: Task, newly: Collection[UUID], actor_id: UUID, cause: Cause) -> None:
        """Tells those who now have the task."""
        if any(user_id != actor_id for user_id in newly):
            people = await self._people([actor_id, *newly])
            await self._tell([notices.assigned(task, newly, actor_id, _name(actor_id, people))], people, cause)

    async def task_moved(self, task: Task, actor_id: UUID, cause: Cause) -> None:
        """Tells whoever takes part."""
        await self._tell_involved(task, actor_id, cause, lambda actor: [notices.moved(task, actor_id, actor)])

    async def task_changed(
        self, task: Task, fields: Collection[str], newly: Collection[UUID], actor_id: UUID, cause: Cause
    ) -> None:
        """Tells those who now have the task that they do, and whoever takes part what they plan by."""

        def told(actor: str) -> list[Notice]:
            changed = notices.changed(task, fields, newly, actor_id, actor)
            return [notices.assigned(task, newly, actor_id, actor), *([changed] if changed is not None else [])]

        await self._tell_involved(task, actor_id, cause, told)

    async def task_gone(self, task: Task, deleted: bool, actor_id: UUID, cause: Cause) -> None:
        """Tells whoever takes part that a task was deleted or restored."""
        await self._tell_involved(task, actor_id, cause, lambda actor: [notices.gone(task, deleted, actor_id, actor)])

    async def task_commented(self, task: Task, remark: Remark, cause: Cause) -> None:
        """Tells those whom it names that it does, and whoever else takes part that there is a comment."""
        named = await self._newly_named(remark)
        await self._tell_involved(
            task,
            remark.author_id,
            cause,
            lambda actor: [notices.mentioned(task, named, actor), notices.commented(task, remark, actor)],
            remark,
        )

    async def comment_changed(self, task: Task, remark: Remark, cause: Cause) -> None:
        """Tells those whom an edit names for the first time; nobody else is told of an edit."""
        named = await self._newly_named(remark)
        if named.mentioned_ids:
            await self._tell_involved(
                task, remark.author_id, cause, lambda actor: [notices.mentioned(task, named, actor)], named
            )

    async def _newly_named(self, remark: Remark) -> Remark:
        if not remark.mentioned_ids:
            return remark
        told = await self.mentions.of(remark.id)
        return replace(remark, mentioned_ids=tuple(user for user in remark.mentioned_ids if user not in told))

    async def _tell_involved(
        self,
        task: Task,
        actor_id: UUID,
        cause: Cause,
        told: Callable[[str], Sequence[Notice]],
        remark: Remark | None = None,
    ) -> None:
        """`told` makes the notices with the actor's name, which is only asked for when somebody is to be told."""
        recipients = {user for notice in told(_NOBODY_KNOWN) for user in notice.recipients}
        if not recipients:
            return
        people = await self._people([actor_id, *recipients])
        mention = Mention(comment_id=remark.id, user_ids=remark.mentioned_ids) if remark is not None else None
        if mention is not None and not mention.user_ids:
            mention = None
        await self._tell(told(_name(actor_id, people)), people, cause, mention=mention)

    async def member_changed(self, membership: Membership, workspace: str, actor_id: UUID, cause: Cause) -> None:
        """Takes over what auth says of a member, and tells them of what somebody else has changed."""
        known = (await self.memberships.find(membership.workspace_id, [membership.user_id])).get(membership.user_id)
        notices_ = []
        people: Mapping[UUID, Profile] = {}
        if known is None or known.version < membership.version:
            people = await self._people([actor_id, membership.user_id]) if actor_id != membership.user_id else {}
            notice = notices.joined(membership, workspace, known, actor_id, _name(actor_id, people))
            notices_ = [notice] if notice is not None else []
        await self._tell(notices_, people, cause, membership=membership)

    async def alert_raised(self, alert: Alert, cause: Cause) -> None:
        """Tells those whom the alert names."""

        def write(notice: Notice, reader: Profile) -> Letter:
            return self.letters.alert(alert, notice.title, reader)

        notice = notices.alerted(alert)
        await self._tell([notice], await self._people(notice.recipients), cause, write=write)

    async def person_invited(self, invitation: Invitation, cause: Cause) -> None:
        """Mails the way in. There is no inbox yet that could hold it.

        Raises:
            DomainError: of kind invalid, when the invitation names something that is no address.
        """
        self._check(invitation.email)
        delivery = Delivery(
            id=notification_id(cause.event_id, invitation.id, Category.INVITATION, cause.at),
            recipient=invitation.email,
            letter=self.letters.invitation(invitation),
            category=Category.INVITATION,
            workspace_id=invitation.workspace_id,
            task_id=None,
            created_at=to_millis(cause.at),
        )
        await self.ledger.apply(cause, Effect(deliveries=(delivery,)))

    async def link_requested(self, link: AccountLink, cause: Cause) -> None:
        """Mails a link of an account, which stands nowhere else.

        Raises:
            DomainError: of kind invalid, when the account has something that is no address.
        """
        self._check(link.email)
        delivery = Delivery(
            id=notification_id(cause.event_id, link.id, Category.ACCOUNT, cause.at),
            recipient=link.email,
            letter=self.letters.account(link),
            category=Category.ACCOUNT,
            workspace_id=None,
            task_id=None,
            created_at=to_millis(cause.at),
        )
        await self.ledger.apply(cause, Effect(deliveries=(delivery,)))

    @staticmethod
    def _check(email: str) -> None:
        if not is_address(email):
            raise invalid_address()

    async def _tell(
        self,
        told: Sequence[Notice],
        people: Mapping[UUID, Profile],
        cause: Cause,
        *,
        mention: Mention | None = None,
        membership: Membership | None = None,
        write: Write | None = None,
    ) -> None:
        """Takes each notice to its recipients, on the ways that they want; all of it is one effect."""
        notifications: list[Notification] = []
        mails: list[Delivery] = []
        pushes: list[Push] = []
        for notice in told:
            for reader, route in await self._routes(notice, people):
                notification = _notification(notice, reader.user_id, cause)
                if route.in_app:
                    notifications.append(notification)
                if route.email and is_address(reader.email):
                    letter = (write or self.letters.notice)(notice, reader)
                    mails.append(_mail(notification, letter, reader, route))
                if route.web_push:
                    pushes += await self._pushes(notification, notice, route)
        effect = Effect(
            notifications=tuple(notifications),
            deliveries=tuple(mails),
            pushes=tuple(pushes),
            mention=mention,
            membership=membership,
        )
        if effect != Effect():
            await self.ledger.apply(cause, effect)

    async def _pushes(self, notification: Notification, notice: Notice, route: Route) -> list[Push]:
        """One for each device of the reader."""
        devices = (await self.subscriptions.find([notification.user_id])).get(notification.user_id, ())
        return [
            Push(
                id=derive_id("push", notification.id, device.id),
                subscription_id=device.id,
                notification_id=notification.id,
                user_id=notification.user_id,
                category=notification.category,
                title=notification.title,
                body=notification.body,
                url=self.links.of_task(notice.task_key),
                task_id=notification.task_id,
                created_at=notification.created_at,
                not_before=route.not_before,
            )
            for device in devices
        ]

    async def _people(self, user_ids: Collection[UUID]) -> Mapping[UUID, Profile]:
        return await resolve_people(user_ids, self.profiles, self.directory)

    async def _routes(self, notice: Notice, people: Mapping[UUID, Profile]) -> list[tuple[Profile, Route]]:
        """For each recipient who exists, has not left and wants to hear of it."""
        known = [user_id for user_id in notice.recipients if user_id in people]
        if not known:
            return []
        gone = (
            await departed(notice.workspace_id, known, self.memberships, self.directory)
            if not notice.to_strangers
            else ()
        )
        wanted, now = await self.preferences.find(known), self.clock.now()
        routes = []
        for user_id in known:
            reader, set_ = people[user_id], wanted.get(user_id, Preferences(user_id=user_id))
            route = set_.route(notice.category, notice.project_id, now, reader.zone())
            if user_id not in gone and not route.leads_nowhere:
                routes.append((reader, route))
        return routes


def _notification(notice: Notice, user_id: UUID, cause: Cause) -> Notification:
    return Notification(
        id=notification_id(notice.subject_id or cause.event_id, user_id, notice.category, cause.at),
        user_id=user_id,
        category=notice.category,
        title=notice.title,
        body=notice.body,
        workspace_id=notice.workspace_id,
        project_id=notice.project_id,
        task_id=notice.task_id,
        created_at=to_millis(cause.at),
    )


def _mail(notification: Notification, letter: Letter, reader: Profile, route: Route) -> Delivery:
    return Delivery(
        id=notification.id,
        recipient=reader.email,
        letter=letter,
        category=notification.category,
        workspace_id=notification.workspace_id,
        task_id=notification.task_id,
        created_at=notification.created_at,
        user_id=reader.user_id,
        not_before=route.not_before,
    )


def _name(user_id: UUID, people: Mapping[UUID, Profile]) -> str:
    profile = people.get(user_id)
    return profile.display_name if profile is not None else _NOBODY_KNOWN
