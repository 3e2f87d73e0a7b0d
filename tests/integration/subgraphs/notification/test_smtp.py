"""Mail over a real SMTP server: refused, deferred, down and back, and what arrives."""

from __future__ import annotations

import pytest

from kit.resilience import BreakerOptions, CircuitBreaker
from scripts.engines.ports import free_port
from scripts.engines.smtp import SmtpSink
from subgraphs.notification.mail.smtp import SmtpMailer
from subgraphs.notification.service.ports import DeliveryDeferred, DeliveryRefused, ProviderDown
from tests.testkit.notification.samples import BOB, alert, delivery, invitation, letters, profile


def mailer(url: str, **breaker: float) -> SmtpMailer:
    options = BreakerOptions(**breaker)  # type: ignore[arg-type]
    return SmtpMailer(url, "TaskFlow <no-reply@taskflow.local>", CircuitBreaker("smtp.test", options))


async def test_arrives_in_both_forms_with_its_message_id(smtp_sink: SmtpSink) -> None:
    letter = letters().alert(alert(), "ENG-42 is due in 24 hours", profile(BOB, "Bob"))
    sample = delivery(letter=letter)
    async with mailer(smtp_sink.url).open() as counter:
        await counter.hand_over(sample)
    [mail] = await smtp_sink.wait_for(1, to="bob@example.com")
    assert mail.message_id == sample.message_id
    assert mail.subject == letter.subject
    assert mail.text().splitlines() == letter.text.splitlines()
    assert mail.text("html").splitlines() == letter.html.splitlines()
    assert mail.message["From"] == "TaskFlow <no-reply@taskflow.local>"


async def test_an_attack_in_the_invitation_reaches_one_mailbox_with_one_subject(smtp_sink: SmtpSink) -> None:
    attack = "Engines\r\nBcc: eve@example.com\r\n\r\n<script>alert(1)</script>"
    letter = letters().invitation(invitation(workspace_name=attack, inviter_name=attack))
    async with mailer(smtp_sink.url).open() as counter:
        await counter.hand_over(delivery(letter=letter))
    [mail] = await smtp_sink.wait_for(1)
    assert mail.recipients == ("bob@example.com",)
    assert mail.message["Bcc"] is None
    assert "<script>" not in mail.text("html")


async def test_one_connection_carries_mail_after_a_refusal(smtp_sink: SmtpSink) -> None:
    smtp_sink.refuse(1, "451 4.3.0 try again later")
    async with mailer(smtp_sink.url).open() as counter:
        with pytest.raises(DeliveryDeferred, match="451"):
            await counter.hand_over(delivery())
        await counter.hand_over(delivery(recipient="eve@example.com"))
    await smtp_sink.wait_for(1, to="eve@example.com")


async def test_an_address_that_cannot_stand_in_a_header_is_refused_before_it_is_sent(smtp_sink: SmtpSink) -> None:
    async with mailer(smtp_sink.url).open() as counter:
        with pytest.raises(DeliveryRefused):
            await counter.hand_over(delivery(recipient="bob@example.com\r\nRCPT TO:<eve@example.com>"))
    assert smtp_sink.messages == []


async def test_a_server_that_is_down_is_left_alone_for_a_while_and_found_again() -> None:
    sink = SmtpSink(free_port())
    probe = mailer(sink.url, in_a_row=2, open_seconds=0.05, probes=1)
    for _ in range(2):
        with pytest.raises(ProviderDown):
            async with probe.open():
                pass
    sink.start()
    try:
        with pytest.raises(ProviderDown, match="not answering"):
            async with probe.open():
                pass
        await _until_open(probe)
        async with probe.open() as counter:
            await counter.hand_over(delivery())
        await sink.wait_for(1)
    finally:
        sink.stop()


async def _until_open(probe: SmtpMailer) -> None:
    while True:
        try:
            async with probe.open():
                return
        except ProviderDown:
            continue
