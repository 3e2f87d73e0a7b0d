"""`user.updated`: a profile changed. Key: the user's id."""

from __future__ import annotations

from typing import ClassVar

from proto.events.entities import UserEntity
from proto.events.payload import Payload


class UserUpdated(Payload):
    TOPIC: ClassVar[str] = "user.updated"

    user: UserEntity
