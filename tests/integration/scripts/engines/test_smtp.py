"""The mail sink keeps what it accepts, refuses on request, and can be away."""

from email.message import EmailMessage

import aiosmtplib
import pytest

from scripts.engines.smtp import SmtpSink


def letter(to: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "taskflow@example.com", to, "Grüße"
    message["Message-ID"] = "<1@example.com>"
    message.set_content("Hello Ådа")
    return message


async def deliver(sink: SmtpSink, to: str) -> None:
    await aiosmtplib.send(letter(to), hostname="127.0.0.1", port=sink.port)


async def test_an_accepted_mail_can_be_waited_for_and_read(smtp_sink: SmtpSink) -> None:
    await deliver(smtp_sink, "bob@example.com")
    (mail,) = await smtp_sink.wait_for(1, to="bob@example.com")
    assert (mail.subject, mail.message_id, mail.text().strip()) == ("Grüße", "<1@example.com>", "Hello Ådа")


async def test_a_refusal_is_not_kept(smtp_sink: SmtpSink) -> None:
    smtp_sink.refuse(1)
    with pytest.raises(aiosmtplib.SMTPDataError, match="try again"):
        await deliver(smtp_sink, "bob@example.com")
    await deliver(smtp_sink, "bob@example.com")
    assert len(smtp_sink.messages) == 1


async def test_an_outage_is_seen_and_ends(smtp_sink: SmtpSink) -> None:
    smtp_sink.stop()
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await deliver(smtp_sink, "bob@example.com")
    smtp_sink.start()
    await deliver(smtp_sink, "bob@example.com")
    assert len(smtp_sink.to("bob@example.com")) == 1


async def test_waiting_in_vain_names_what_did_arrive(smtp_sink: SmtpSink) -> None:
    await deliver(smtp_sink, "bob@example.com")
    with pytest.raises(TimeoutError, match=r"0 of 1 mails for ada@example\.com.*bob@example\.com"):
        await smtp_sink.wait_for(1, to="ada@example.com", seconds=0.01)
