"""A mail a day that sums up what is unread, at the hour that its reader chose. Its id follows from reader and day, and
making it takes the day away in the same commit: each digest is made once, whoever makes it and whoever is killed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.ids import derive_id
from kit.resilience.outage import is_outage
from kit.telemetry import logger
from subgraphs.notification.domain.deliveries import Delivery, is_address
from subgraphs.notification.domain.notifications import Category, Entry, Filter, to_millis
from subgraphs.notification.domain.preferences import Preferences
from subgraphs.notification.domain.profiles import Profile
from subgraphs.notification.service.ports import Digests, Directory, Inboxes, Letters, Profiles
from subgraphs.notification.service.profiles import resolve_people

MOST_ENTRIES = 20
_log = logger("digests")


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestMaking:
    """Makes the digests that are due. `queued` is called when there is mail to send."""

    digests: Digests
    inboxes: Inboxes
    profiles: Profiles
    directory: Directory
    letters: Letters
    queued: Callable[[], None]

    async def round(self, now: datetime, limit: int) -> int:
        due = await self.digests.due(now, limit)
        done = 0
        for set_ in due:
            try:
                await self._make(set_, now)
                done += 1
            except Exception as failure:
                if is_outage(failure):
                    raise
                # One that cannot be made must not hold up the others; it is tried again with the next round.
                _log.exception("digest cannot be made", user=str(set_.user_id))
        return done

    async def next_due(self) -> datetime | None:
        return await self.digests.next_due()

    async def _make(self, set_: Preferences, now: datetime) -> None:
        reader = (await resolve_people([set_.user_id], self.profiles, self.directory)).get(set_.user_id)
        if reader is None:
            await self.digests.make(set_, set_.without_digest(), None)
            return
        inbox = await self.inboxes.inbox(reader.user_id)
        entries = await self.inboxes.page(reader.user_id, Filter(unread=True), limit=MOST_ENTRIES, before=None)
        after = set_.digest_made(now, reader.zone(), inbox.last_seq)
        news = bool(entries) and entries[0].seq > set_.digest_seq
        mail = self._mail(entries, inbox.unread, reader, after, now) if news and is_address(reader.email) else None
        if await self.digests.make(set_, after, mail) and mail is not None:
            self.queued()

    def _mail(
        self, entries: Sequence[Entry], unread: int, reader: Profile, made: Preferences, now: datetime
    ) -> Delivery:
        return Delivery(
            id=digest_id(reader.user_id, made),
            recipient=reader.email,
            letter=self.letters.digest(entries, unread, reader),
            category=Category.DIGEST,
            workspace_id=None,
            task_id=None,
            created_at=to_millis(now),
            user_id=reader.user_id,
        )


def digest_id(user_id: UUID, made: Preferences) -> UUID:
    return derive_id("digest", user_id, made.digest_day)
