"""Mail of a development start is kept in files and shown without trusting it."""

from email.message import EmailMessage
from pathlib import Path

from starlette.testclient import TestClient

from scripts.engines.smtp import Mail
from scripts.stack.mail import Mailbox, app


def mail(to: str, subject: str, text: str = "Hello") -> Mail:
    message = EmailMessage()
    message["To"], message["Subject"], message["Message-ID"] = to, subject, "<1@example.com>"
    message.set_content(text)
    return Mail("taskflow@example.com", (to,), message.as_bytes())


def test_the_newest_mail_comes_first_and_survives_a_restart(tmp_path: Path) -> None:
    Mailbox(tmp_path).keep(mail("ada@example.com", "one"))
    Mailbox(tmp_path).keep(mail("ada@example.com", "two"))
    assert [one["subject"] for one in Mailbox(tmp_path).messages()] == ["two", "one"]


def test_messages_can_be_asked_for_by_recipient(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    mailbox.keep(mail("ada@example.com", "for-ada"))
    mailbox.keep(mail("bob@example.com", "for-bob"))
    with TestClient(app(mailbox)) as client:
        (only,) = client.get("/api/messages", params={"to": "bob@example.com"}).json()
    assert (only["subject"], only["text"].strip(), only["messageId"]) == ("for-bob", "Hello", "<1@example.com>")


def test_the_page_escapes_what_a_mail_says(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    mailbox.keep(mail("ada@example.com", "<script>alert(1)</script>", "<b>bold</b>"))
    with TestClient(app(mailbox)) as client:
        page = client.get("/").text
    assert "<script>" not in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
