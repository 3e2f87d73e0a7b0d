"""A mail sink: accepts every message over SMTP and keeps it; a thread of the process that wants to read the mail."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from scripts.engines.ports import LOOPBACK, free_port

ACCEPTED = "250 OK"


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as it came over the wire."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    received_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def message(self) -> EmailMessage:
        """Headers and parts."""
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def message_id(self) -> str:
        """The Message-ID header."""
        # As it was sent: the strict parser of the standard library fails on some that are malformed.
        return str(message_from_bytes(self.content)["Message-ID"])

    @property
    def subject(self) -> str:
        """The Subject header."""
        return str(self.message["Subject"])

    def text(self, kind: str = "plain") -> str:
        """The body of the given kind, `plain` or `html`; empty when there is none."""
        part = self.message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part is not None else ""


class SmtpSink:
    """Listens on one port from `start` to `stop`; may be stopped and started again to play an outage."""

    def __init__(self, port: int | None = None, on_mail: Callable[[Mail], None] | None = None) -> None:
        self.port = port or free_port()
        self._on_mail = on_mail
        self._received: list[Mail] = []
        self._refusals: list[str] = []
        self._changed = threading.Condition()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """For `TASKFLOW_SMTP_URL`."""
        return f"smtp://{LOOPBACK}:{self.port}"

    @property
    def messages(self) -> list[Mail]:
        """What was accepted so far, oldest first."""
        with self._changed:
            return list(self._received)

    def to(self, address: str) -> list[Mail]:
        """What was accepted for one recipient."""
        return [mail for mail in self.messages if address in mail.recipients]

    def refuse(self, times: int, reply: str = "451 4.3.0 try again later") -> None:
        """Answer the next `times` messages with `reply` instead of accepting them."""
        with self._changed:
            self._refusals = [reply] * times

    async def wait_for(self, count: int = 1, *, to: str | None = None, seconds: float = 10.0) -> list[Mail]:
        """The messages (for `to`) as soon as there are `count`. Raises TimeoutError naming what did arrive."""
        return await asyncio.to_thread(self._wait_for, count, to, seconds)

    def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        ready: threading.Event = threading.Event()
        failure: list[OSError] = []
        self._thread = threading.Thread(target=self._serve, args=(ready, failure), name="smtp-sink", daemon=True)
        self._thread.start()
        ready.wait()
        if failure:
            self._thread.join()
            raise failure[0]

    def stop(self) -> None:
        """Stop listening; what was received stays."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Called by aiosmtpd for each message."""
        content = envelope.original_content or b""
        mail = Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), content)
        with self._changed:
            if self._refusals:
                return self._refusals.pop()
            if self._on_mail is not None:
                self._on_mail(mail)
            self._received.append(mail)
            self._changed.notify_all()
        return ACCEPTED

    def _wait_for(self, count: int, to: str | None, seconds: float) -> list[Mail]:
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                found = [mail for mail in self._received if to is None or to in mail.recipients]
                left = deadline - time.monotonic()
                if len(found) >= count:
                    return found
                if left <= 0:
                    seen = [(mail.recipients, mail.subject) for mail in self._received]
                    raise TimeoutError(
                        f"{len(found)} of {count} mails for {to or 'anybody'} after {seconds} s; all: {seen}"
                    )
                self._changed.wait(left)

    def _serve(self, ready: threading.Event, failure: list[OSError]) -> None:
        loop = asyncio.new_event_loop()
        try:
            listening = loop.create_server(lambda: SMTP(self, loop=loop, hostname="sink"), LOOPBACK, self.port)
            server = loop.run_until_complete(listening)
        except OSError as error:
            failure.append(error)
            loop.close()
            ready.set()
            return
        self._loop = loop
        ready.set()
        loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(server.wait_closed())
        loop.close()
