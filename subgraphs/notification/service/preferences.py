"""A user's own preferences: what reaches them, how, and when not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from kit.clock import Clock
from kit.errors import invalid
from subgraphs.notification.domain.notifications import Category, to_millis
from subgraphs.notification.domain.preferences import Channel, Preferences, QuietHours
from subgraphs.notification.domain.profiles import Profile
from subgraphs.notification.errors import person_unknown
from subgraphs.notification.service.ports import Directory, PreferenceStore, Profiles
from subgraphs.notification.service.profiles import resolve_people

MOST_MUTES = 500
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)
"""Behind it there are moments that can be written with an offset, but not stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the use cases of preferences work with. `changed` is called after each change."""

    preferences: PreferenceStore
    profiles: Profiles
    directory: Directory
    clock: Clock
    changed: Callable[[UUID], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A field of the matrix, as the user wants it from now on."""

    category: Category
    channel: Channel
    wanted: bool


Edit = Callable[[Preferences], Preferences]


async def preferences_of(viewer: UUID, desk: Desk) -> Preferences:
    """What the viewer has set; the defaults when that is nothing."""
    return (await desk.preferences.find([viewer])).get(viewer, Preferences(user_id=viewer))


async def profile_of(viewer: UUID, desk: Desk) -> Profile:
    """The viewer's profile, for its time zone. Raises `DomainError` NOT_FOUND when there is no such person."""
    person = (await resolve_people([viewer], desk.profiles, desk.directory)).get(viewer)
    if person is None:
        raise person_unknown()
    return person


def chosen(choices: Sequence[Choice]) -> Edit:
    """Sets fields of the matrix; the last one counts where a field is named twice."""

    def edit(current: Preferences) -> Preferences:
        for choice in choices:
            current = current.choose(choice.category, choice.channel, choice.wanted)
        return current

    return edit


def quiet(hours: QuietHours | None) -> Edit:
    """Sets the quiet hours or takes them away. Raises `DomainError` of kind invalid when they would never end."""
    if hours is not None and hours.start == hours.end:
        raise invalid("Quiet hours must end at another time than they start.", quietHours="empty")
    return lambda current: replace(current, quiet=hours)


async def digest(hour: int | None, viewer: UUID, desk: Desk) -> Edit:
    """Asks for a digest at a local hour, or for none. Raises `DomainError` of kind invalid for an hour that is none."""
    if hour is not None and not 0 <= hour <= 23:
        raise invalid("`digestHour` must be between 0 and 23.", digestHour=hour)
    zone, now = (await profile_of(viewer, desk)).zone(), desk.clock.now()
    return lambda current: current.digest_from(hour, now, zone)


def muted(project_id: UUID, until: datetime | None, now: datetime) -> Edit:
    """Silences a project. Raises `DomainError` of kind invalid for a moment that has passed, or one mute too many."""
    if until is not None and (until.tzinfo is None or not now < until <= _LAST_MOMENT):
        raise invalid("`until` must lie in the future and name its offset.", until="out of range")

    def edit(current: Preferences) -> Preferences:
        changed = current.mute(project_id, to_millis(until) if until is not None else None, now)
        if len(changed.mutes) > MOST_MUTES:
            raise invalid(f"No more than {MOST_MUTES} projects can be muted.", projectId="one too many")
        return changed

    return edit


def unmuted(project_id: UUID) -> Edit:
    return lambda current: current.unmute(project_id)


async def change_preferences(viewer: UUID, edits: Sequence[Edit], desk: Desk) -> Preferences:
    """Makes all the edits at once, on whatever is stored by then."""

    def change(current: Preferences) -> Preferences:
        for edit in edits:
            current = edit(current)
        return current

    changed = await desk.preferences.change(viewer, change)
    desk.changed(viewer)
    return changed
