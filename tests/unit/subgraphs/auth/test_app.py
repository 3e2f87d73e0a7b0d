"""What the process offers beside GraphQL, and the list of passwords that it refuses."""

from __future__ import annotations

import pytest

from subgraphs.auth.__main__ import main
from subgraphs.auth.app import JWKS_PATH, common_passwords
from tests.testkit.auth_face import Face


async def test_the_public_keys_are_for_anybody_to_read() -> None:
    face = Face()
    response = await face.http.get(JWKS_PATH)
    assert response.status_code == 200
    assert [key["kty"] for key in response.json()["keys"]] == ["RSA"]
    assert response.headers["cache-control"] == "public, max-age=300"
    assert (await face.http.post(JWKS_PATH)).status_code == 405
    assert (await face.http.get("/elsewhere")).status_code == 404


def test_the_usual_passwords_are_listed_and_good_ones_are_not() -> None:
    common = common_passwords()
    assert len(common) > 3000
    assert {"password", "12345678", "iloveyou", "qwertyuiop"} <= common
    assert "correct horse battery" not in common
    assert min(map(len, common)) >= 8


def test_unknown_commands_say_what_there_is() -> None:
    with pytest.raises(SystemExit, match=r"usage: python -m subgraphs\.auth"):
        main(["dance"])
