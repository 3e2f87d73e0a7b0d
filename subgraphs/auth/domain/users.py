"""Owns what a person's account is. An e-mail address belongs to one account, in its normalised form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import NewType
from uuid import UUID
from zoneinfo import available_timezones

from subgraphs.auth import errors

UserId = NewType("UserId", UUID)

LONGEST_NAME = 100
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account. The hash is never shown; everything else is the profile."""

    id: UserId
    email: str
    display_name: str
    avatar_url: str | None = None
    locale: str
    time_zone: str
    password_hash: str = field(repr=False)
    version: int = 1
    created_at: datetime


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


@cache
def _time_zones() -> frozenset[str]:
    """All names; looked up once, as finding them walks through folders."""
    return frozenset(available_timezones())


def check_time_zone(text: str) -> str:
    """The name of an IANA time zone. Raises BAD_INPUT."""
    if text not in _time_zones():
        raise errors.field_invalid("timeZone", "is not the name of a time zone")
    return text
