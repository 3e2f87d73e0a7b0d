"""`user-registered`: someone signed up. Key: the user's id."""

from __future__ import annotations

from typing import ClassVar

from proto.events.entities import UserEntity
from proto.events.payload import Payload


class UserRegistered(Payload):
    TOPIC: ClassVar[str] = "user-registered"

    user: UserEntity
