"""The mail of a development start: an SMTP sink whose messages are kept as files and shown on a page.

`python -m scripts.stack.mail`; the page is `/`, the same as JSON `/api/messages` (`?to=` filters).
"""

import argparse
import html
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from scripts.engines.ports import LOOPBACK
from scripts.engines.smtp import Mail, SmtpSink

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Mail</title>
<meta http-equiv="refresh" content="5">
<style>body{{font:15px/1.5 system-ui;max-width:50rem;margin:2rem auto;padding:0 1rem}}article{{border:1px solid #ccc;
border-radius:8px;padding:.5rem 1rem;margin:1rem 0}}pre{{white-space:pre-wrap;overflow-wrap:anywhere}}
h2{{font-size:1rem;margin:.3rem 0}}small{{color:#666}}</style><h1>Mail <small>{count}</small></h1>{articles}</html>"""
ENVELOPE = "X-Envelope-To: "
ARTICLE = "<article><h2>{subject}</h2><small>to {to}, {date}</small><pre>{text}</pre></article>"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder of messages, one file each, named in the order of their arrival."""

    folder: Path

    def keep(self, mail: Mail) -> None:
        """Store before the sender is told that it was accepted."""
        self.folder.mkdir(parents=True, exist_ok=True)
        number = next(n for n in itertools.count(len(self._files()) + 1) if not self._file(n).exists())
        unfinished = self._file(number).with_suffix(".part")
        unfinished.write_bytes(f"{ENVELOPE}{', '.join(mail.recipients)}\r\n".encode() + mail.content)
        unfinished.rename(self._file(number))

    def messages(self, to: str = "") -> Iterator[dict[str, str]]:
        """The newest first, optionally those to one address."""
        for file in reversed(self._files()):
            mail = _kept(file.read_bytes())
            if not to or to in mail.recipients:
                yield _shown(mail)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.eml"))

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:06d}.eml"


def app(mailbox: Mailbox) -> Starlette:
    """The page and its JSON form."""

    async def page(request: Request) -> Response:
        shown = list(mailbox.messages())
        articles = "".join(ARTICLE.format(**{key: html.escape(value) for key, value in one.items()}) for one in shown)
        return HTMLResponse(PAGE.format(count=len(shown), articles=articles))

    async def messages(request: Request) -> Response:
        return JSONResponse(list(mailbox.messages(request.query_params.get("to", ""))))

    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(routes=[Route("/", page), Route("/api/messages", messages), Route("/readyz", alive)])


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="mail")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    mailbox = Mailbox(options.folder)
    with SmtpSink(options.smtp_port, on_mail=mailbox.keep):
        uvicorn.run(app(mailbox), host=LOOPBACK, port=options.http_port, log_level="warning")


def _kept(content: bytes) -> Mail:
    recipients, _, message = content.partition(b"\r\n")
    addresses = recipients.decode().removeprefix(ENVELOPE)
    return Mail("", tuple(addresses.split(", ")), message)


def _shown(mail: Mail) -> dict[str, str]:
    return {
        "to": ", ".join(mail.recipients),
        "subject": mail.subject,
        "date": str(mail.message["Date"]),
        "messageId": mail.message_id,
        "text": mail.text() or mail.text("html"),
    }


if __name__ == "__main__":
    main()
