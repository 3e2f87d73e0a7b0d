"""Preferences: which ways lead to a user, and when they are closed."""

from __future__ import annotations

from datetime import datetime, time
from typing import Self
from uuid import UUID

import strawberry
from strawberry import Info

from kit.errors import invalid
from kit.ids import parse_id
from subgraphs.notification.domain.notifications import Category
from subgraphs.notification.domain.preferences import CATEGORIES, Channel, Preferences, QuietHours
from subgraphs.notification.schema.context import Context
from subgraphs.notification.schema.references import Project
from subgraphs.notification.service.preferences import (
    Choice,
    Edit,
    change_preferences,
    chosen,
    digest,
    muted,
    preferences_of,
    profile_of,
    quiet,
    unmuted,
)
from subgraphs.notification.service.unsubscribing import unsubscribe

strawberry.enum(Channel, name="NotificationChannel", description="A way to reach somebody.")


@strawberry.type(description="One row of the matrix: which ways a category takes.")
class NotificationCategoryPreference:
    category: str
    description: str
    in_app: bool
    email: bool
    web_push: bool

    @classmethod
    def of(cls, category: Category, meaning: str, set_: Preferences) -> Self:
        return cls(
            category=category.value,
            description=meaning,
            in_app=set_.wants(category, Channel.IN_APP),
            email=set_.wants(category, Channel.EMAIL),
            web_push=set_.wants(category, Channel.WEB_PUSH),
        )


@strawberry.type(description="No mail and no push between these hours of the user's clock, over midnight if need be.")
class NotificationQuietHours:
    start: str = strawberry.field(description="Like `22:00`.")
    end: str
    urgent_passes: bool = strawberry.field(description="Whether an escalation comes through all the same.")


@strawberry.type(description="A project that tells the user nothing; its escalations still stand in the inbox.")
class NotificationMute:
    project_id: strawberry.ID
    project: Project | None = strawberry.field(description="Null when you do not see it any more.")
    until: datetime | None


@strawberry.type(description="What the viewer wants to be told, and how. What was never set follows the defaults.")
class NotificationPreferences:
    quiet_hours: NotificationQuietHours | None
    muted_projects: list[NotificationMute]
    digest_hour: int | None = strawberry.field(
        description="At which local hour a mail sums up what is unread, on days with something to sum up."
    )
    next_digest_at: datetime | None
    set_: strawberry.Private[Preferences]

    @classmethod
    def of(cls, set_: Preferences, now: datetime) -> Self:
        quiet_hours = set_.quiet
        return cls(
            quiet_hours=NotificationQuietHours(
                start=_clock_text(quiet_hours.start),
                end=_clock_text(quiet_hours.end),
                urgent_passes=quiet_hours.urgent_passes,
            )
            if quiet_hours is not None
            else None,
            muted_projects=[
                NotificationMute(project_id=of, project=Project(id=of), until=until)
                for project, until in set_.mutes.items()
                if set_.is_muted(project, now)
                for of in (strawberry.ID(str(project)),)
            ],
            digest_hour=set_.digest_hour,
            next_digest_at=set_.digest_at,
            set_=set_,
        )

    @strawberry.field(description="The matrix of categories and ways.")
    def categories(self) -> list[NotificationCategoryPreference]:
        return [NotificationCategoryPreference.of(*known, self.set_) for known in CATEGORIES.items()]

    @strawberry.field(description="The zone of the user's profile, in which all hours here are read.")
    async def time_zone(self, info: Info[Context, None]) -> str:
        return (await profile_of(info.context.viewer, info.context.desk)).time_zone


@strawberry.input
class NotificationChoiceInput:
    category: str
    channel: Channel
    enabled: bool


@strawberry.input
class NotificationQuietHoursInput:
    start: str = strawberry.field(description="On the user's clock, like `22:00`.")
    end: str
    urgent_passes: bool = True


@strawberry.input(description="What is left out stays as it is; null takes it away.")
class NotificationPreferencesUpdateInput:
    choices: list[NotificationChoiceInput] = strawberry.field(default_factory=list)
    quiet_hours: NotificationQuietHoursInput | None = strawberry.UNSET
    digest_hour: int | None = strawberry.UNSET


@strawberry.input
class NotificationProjectMuteInput:
    project_id: strawberry.ID
    until: datetime | None = None


@strawberry.input
class NotificationProjectUnmuteInput:
    project_id: strawberry.ID


@strawberry.type
class NotificationPreferencesUpdatePayload:
    preferences: NotificationPreferences


@strawberry.type
class NotificationProjectMutePayload(NotificationPreferencesUpdatePayload):
    pass


@strawberry.type
class NotificationProjectUnmutePayload(NotificationPreferencesUpdatePayload):
    pass


@strawberry.input
class NotificationUnsubscribeInput:
    token: str = strawberry.field(description="From the link at the end of a mail.")


@strawberry.type
class NotificationUnsubscribePayload:
    kind: str = strawberry.field(description="The category that is not mailed any more, or `digest`.")


@strawberry.type(name="Mutation")
class PreferencesMutation:
    @strawberry.mutation(description="Ends the mails of one kind by the link in a mail; nobody has to be logged in.")
    async def notification_unsubscribe(
        self,
        info: Info[Context, None],
        input: NotificationUnsubscribeInput,  # noqa: A002
    ) -> NotificationUnsubscribePayload:
        kind = await unsubscribe(input.token, info.context.tokens, info.context.desk)
        return NotificationUnsubscribePayload(kind=kind)

    @strawberry.mutation(description="Sets what reaches the viewer, and how and when; all of it or nothing.")
    async def notification_preferences_update(
        self,
        info: Info[Context, None],
        input: NotificationPreferencesUpdateInput,  # noqa: A002
    ) -> NotificationPreferencesUpdatePayload:
        edits = [chosen([_choice(one) for one in input.choices])]
        if input.quiet_hours is not strawberry.UNSET:
            edits.append(quiet(_quiet(input.quiet_hours)))
        if input.digest_hour is not strawberry.UNSET:
            edits.append(await digest(input.digest_hour, info.context.viewer, info.context.desk))
        return NotificationPreferencesUpdatePayload(preferences=await _changed(info, edits))

    @strawberry.mutation(description="Silences a project, for good or until a moment; its escalations stay to be read.")
    async def notification_project_mute(
        self,
        info: Info[Context, None],
        input: NotificationProjectMuteInput,  # noqa: A002
    ) -> NotificationProjectMutePayload:
        now = info.context.clock.now()
        return NotificationProjectMutePayload(
            preferences=await _changed(info, [muted(_project(input.project_id), input.until, now)])
        )

    @strawberry.mutation(description="Lets a project speak again; a second time changes nothing.")
    async def notification_project_unmute(
        self,
        info: Info[Context, None],
        input: NotificationProjectUnmuteInput,  # noqa: A002
    ) -> NotificationProjectUnmutePayload:
        return NotificationProjectUnmutePayload(preferences=await _changed(info, [unmuted(_project(input.project_id))]))


async def find_preferences(info: Info[Context, None]) -> NotificationPreferences:
    """The viewer's own."""
    set_ = await preferences_of(info.context.viewer, info.context.desk)
    return NotificationPreferences.of(set_, info.context.clock.now())


def category_named(name: str) -> Category:
    """Raises `DomainError` of kind invalid when nothing is told under this name."""
    category = next((known for known in CATEGORIES if known.value == name), None)
    if category is None:
        raise invalid("There is no such category.", category=name[:80])
    return category


async def _changed(info: Info[Context, None], edits: list[Edit]) -> NotificationPreferences:
    changed = await change_preferences(info.context.viewer, edits, info.context.desk)
    return NotificationPreferences.of(changed, info.context.clock.now())


def _choice(given: NotificationChoiceInput) -> Choice:
    return Choice(category=category_named(given.category), channel=given.channel, wanted=given.enabled)


def _quiet(given: NotificationQuietHoursInput | None) -> QuietHours | None:
    if given is None:
        return None
    return QuietHours(start=_time(given.start, "start"), end=_time(given.end, "end"), urgent_passes=given.urgent_passes)


def _time(text: str, name: str) -> time:
    """Raises `DomainError` of kind invalid when it is no time like `22:00`."""
    hour, colon, minute = text.partition(":")
    digits = len(hour) == len(minute) == 2 and (hour + minute).isascii() and (hour + minute).isdigit()
    if not (colon and digits) or int(hour) > 23 or int(minute) > 59:
        raise invalid("A time must be written like 22:00.", **{f"quietHours.{name}": text[:20]})
    return time(int(hour), int(minute))


def _clock_text(at: time) -> str:
    return at.strftime("%H:%M")


def _project(text: str) -> UUID:
    """Raises `DomainError` of kind invalid for what is no id. Whether there is such a project is not told."""
    parsed = parse_id(text)
    if parsed is None:
        raise invalid("`projectId` is no id.", projectId=text[:80])
    return parsed
