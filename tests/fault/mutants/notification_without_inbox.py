"""The notification process that does not know which events it has applied: what every redelivery doubles."""

from __future__ import annotations

import dataclasses
from typing import Any

from kit.ids import new_id
from kit.kafka import Envelope
from kit.lifecycle import run
from kit.settings import load
from subgraphs.notification import app
from subgraphs.notification.settings import NotificationSettings


def main() -> None:
    """Runs the mutant until SIGTERM."""
    read = Envelope.read.__func__  # type: ignore[attr-defined]  # the function under the class method

    def forgetful(cls: type[Envelope], *arguments: Any) -> Envelope:
        event: Envelope = read(cls, *arguments)
        return dataclasses.replace(event, id=new_id())

    Envelope.read = classmethod(forgetful)  # type: ignore[method-assign, assignment]  # that is the mutation
    run(app.service(load(NotificationSettings)))


if __name__ == "__main__":
    main()
