"""Owns what a workspace is: the tenant. It always has at least one owner; how many, and how many members, is counted
here, in the document that every joining and leaving goes through, so that two owners cannot remove each other at once
and nobody joins a workspace that is being deleted."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NewType
from uuid import UUID

from subgraphs.auth import errors

WorkspaceId = NewType("WorkspaceId", UUID)

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){1,47}")
_LONGEST_SLUG = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A tenant."""

    id: WorkspaceId
    name: str
    slug: str
    owners: int = 1
    members: int = 1
    version: int = 1
    created_at: datetime
    deleted_at: datetime | None = None

    def with_people(self, *, owners: int, members: int) -> Workspace:
        """The workspace after people came or went. Raises PRECONDITION_FAILED when no owner would be left."""
        if self.owners + owners < 1:
            raise errors.last_owner()
        return replace(self, owners=self.owners + owners, members=self.members + members, version=self.version + 1)

    def renamed(self, name: str, slug: str) -> Workspace:
        return replace(self, name=name, slug=slug, version=self.version + 1)

    def with_deleted(self, at: datetime | None) -> Workspace:
        """Deleted, or restored. It keeps its slug, so that it can be restored."""
        return replace(self, deleted_at=at, version=self.version + 1)


def check_slug(text: str) -> str:
    """2 to 48 lower-case letters, digits and single hyphens between them. Raises BAD_INPUT."""
    if not _SLUG.fullmatch(text):
        raise errors.field_invalid("slug", "is not 2 to 48 lower-case letters, digits and single hyphens")
    return text


def slug_of(name: str, workspace_id: UUID) -> str:
    """The slug that a name suggests; made unique enough by the id where a name gives none."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].rstrip("-")
    return slug if len(slug) > 1 else f"workspace-{workspace_id.hex[-8:]}"


def distinct_slug(slug: str, workspace_id: UUID) -> str:
    """A slug beside one that is taken."""
    ending = f"-{workspace_id.hex[-8:]}"
    return slug[: _LONGEST_SLUG - len(ending)].rstrip("-") + ending
