"""Workspaces: slugs that make good addresses, and always an owner."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import DomainError
from subgraphs.auth.domain.workspaces import Workspace, WorkspaceId, check_slug, distinct_slug, slug_of

ID = uuid4()


@given(st.text(max_size=120))
def test_any_name_suggests_a_good_slug(name: str) -> None:
    slug = slug_of(name, ID)
    assert check_slug(slug) == slug
    beside = distinct_slug(slug, ID)
    assert check_slug(beside) == beside
    assert beside != slug or slug.endswith(ID.hex[-8:])


def test_a_slug_follows_the_name() -> None:
    assert slug_of("Ada & Bob's Café!", ID) == "ada-bob-s-cafe"


@pytest.mark.parametrize("slug", ["", "a", "-ab", "ab-", "a--b", "Ab", "a_b", "ä-b", "a" * 49, "a b", "ab\n"])
def test_other_text_is_no_slug(slug: str) -> None:
    with pytest.raises(DomainError) as refused:
        check_slug(slug)
    assert refused.value.fields.keys() == {"slug"}


def test_the_last_owner_stays() -> None:
    workspace = Workspace(
        id=WorkspaceId(ID), name="W", slug="w1", owners=2, created_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    with_one = workspace.with_people(owners=-1, members=-1)
    assert (with_one.owners, with_one.version) == (1, 2)
    with pytest.raises(DomainError) as refused:
        with_one.with_people(owners=-1, members=-1)
    assert refused.value.code == "PRECONDITION_FAILED"
