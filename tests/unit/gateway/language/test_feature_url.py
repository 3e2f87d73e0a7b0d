"""Addresses of specifications."""

from __future__ import annotations

import pytest

from gateway.language.feature_url import InvalidFeatureUrl, Version, parse


def test_address_has_identity_name_and_version() -> None:
    url = parse("https://specs.apollo.dev/federation/v2.11")
    assert (url.identity, url.name, url.version) == (
        "https://specs.apollo.dev/federation",
        "federation",
        Version(2, 11),
    )
    assert str(url) == "https://specs.apollo.dev/federation/v2.11"


@pytest.mark.parametrize(
    "text",
    [
        "federation",
        "https://specs.apollo.dev/",
        "https://x.dev/foo",
        "https://x.dev/foo/v1",
        "https://[x/v1.0",
        "https://x.dev/v1.0",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidFeatureUrl):
        parse(text)
