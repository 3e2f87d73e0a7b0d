"""Where things stand for people: the addresses in mails and pushes."""

from __future__ import annotations

from urllib.parse import quote


class Links:
    """Links under the address at which people reach the product."""

    def __init__(self, public_url: str) -> None:
        self._root = public_url.rstrip("/")

    def of_task(self, key: str | None) -> str:
        """Without a task: the front page."""
        return f"{self._root}/tasks/{quote(key, safe='')}" if key is not None else self._root

    def inbox(self) -> str:
        return f"{self._root}/notifications"

    def secret(self, path: str, token: str) -> str:
        """Behind the #: what follows it is sent to no server and stands in no log."""
        return f"{self._root}/{path}#token={quote(token, safe='')}"

    def unsubscribe(self, token: str) -> str:
        """In the query, because a mail program calls it: the token can do nothing but this."""
        return f"{self._root}/unsubscribe?token={quote(token, safe='')}"
