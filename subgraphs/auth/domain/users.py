"""Owns what a person's account is. An e-mail address belongs to one account, in its normalised form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import NewType
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import available_timezones

from subgraphs.auth import errors

UserId = NewType("UserId", UUID)

LONGEST_NAME = 100
LONGEST_URL = 2048
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a person says of themselves."""

    display_name: str
    avatar_url: str | None
    locale: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account. The hash is never shown.

    `epoch` grows with every change of the password: a session that was opened under an earlier one is dead, even if it
    was being opened while the password changed.
    """

    id: UserId
    email: str
    display_name: str
    avatar_url: str | None = None
    locale: str
    time_zone: str
    password_hash: str = field(repr=False)
    email_verified_at: datetime | None = None
    epoch: int = 1
    version: int = 1
    created_at: datetime

    @property
    def profile(self) -> Profile:
        return Profile(
            display_name=self.display_name,
            avatar_url=self.avatar_url,
            locale=self.locale,
            time_zone=self.time_zone,
        )

    def with_profile(self, profile: Profile) -> User:
        return replace(
            self,
            display_name=profile.display_name,
            avatar_url=profile.avatar_url,
            locale=profile.locale,
            time_zone=profile.time_zone,
            version=self.version + 1,
        )

    def with_password(self, password_hash: str, *, proven_at: datetime | None = None) -> User:
        return replace(
            self,
            password_hash=password_hash,
            email_verified_at=self.email_verified_at or proven_at,
            epoch=self.epoch + 1,
            version=self.version + 1,
        )

    def verified(self, now: datetime) -> User:
        """The account once its owner has shown that mail to the address arrives."""
        return replace(self, email_verified_at=now, version=self.version + 1)


def clean_name(field: str, text: str) -> str:
    """One line of at most 100 characters, runs of white space made one. Raises BAD_INPUT."""
    if len(text) > 4 * LONGEST_NAME:
        raise errors.field_invalid(field, f"is longer than {LONGEST_NAME} characters")
    name = " ".join(text.split())
    if not name:
        raise errors.field_invalid(field, "is empty")
    if len(name) > LONGEST_NAME:
        raise errors.field_invalid(field, f"is longer than {LONGEST_NAME} characters")
    if _CONTROL.search(name):
        raise errors.field_invalid(field, "holds control characters")
    return name


def check_locale(text: str) -> str:
    """A language tag such as `en` or `pt-BR`. Raises BAD_INPUT."""
    if not _LOCALE.fullmatch(text):
        raise errors.field_invalid("locale", "is not a language tag")
    return text


def check_avatar_url(text: str) -> str:
    """Where a picture is: an absolute https address without a password in it. Raises BAD_INPUT."""
    if len(text) > LONGEST_URL:
        raise errors.field_invalid("avatarUrl", f"is longer than {LONGEST_URL} characters")
    try:
        parts = urlsplit(text)
        good = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        good = False
    if not good or not text.isascii() or not text.isprintable() or any(letter in text for letter in ' "<>\\^`{|}'):
        raise errors.field_invalid("avatarUrl", "is not an absolute https address")
    return text


@cache
def _time_zones() -> frozenset[str]:
    """All names; looked up once, as finding them walks through folders."""
    return frozenset(available_timezones())


def check_time_zone(text: str) -> str:
    """The name of an IANA time zone. Raises BAD_INPUT."""
    if text not in _time_zones():
        raise errors.field_invalid("timeZone", "is not the name of a time zone")
    return text
