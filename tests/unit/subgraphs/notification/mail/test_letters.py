"""Whatever people typed stays data, in headers and in HTML."""

from __future__ import annotations

from email import message_from_bytes
from email import policy as policies
from email.headerregistry import Address
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.notification.domain.deliveries import Letter
from subgraphs.notification.domain.notices import Purpose, assigned, commented
from subgraphs.notification.domain.notifications import Category, Entry
from subgraphs.notification.mail.smtp import compose
from tests.testkit.notification import samples
from tests.testkit.notification.samples import (
    ADA,
    BOB,
    TOKENS,
    account_link,
    alert,
    delivery,
    invitation,
    notification,
    profile,
    remark,
    task,
)

_SENDER = Address("TaskFlow", addr_spec="no-reply@taskflow.local")
_HEADERS = {
    "Message-ID",
    "Date",
    "From",
    "To",
    "Subject",
    "Auto-Submitted",
    "X-TaskFlow-Category",
    "MIME-Version",
    "Content-Type",
}
letters = samples.letters()
_UNSUBSCRIBING = _HEADERS | {"List-Unsubscribe", "List-Unsubscribe-Post"}


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))


def tags(html: str) -> list[tuple[str, tuple[str, ...]]]:
    parser = _Tags()
    parser.feed(html)
    return parser.tags


def headers(letter: Letter) -> set[str]:
    message = message_from_bytes(compose(delivery(letter=letter), _SENDER).as_bytes(), policy=policies.default)
    return set(message.keys())


def test_a_reminder_says_when_on_the_readers_clock() -> None:
    letter = letters.alert(alert(), "ENG-42 is due in 24 hours", profile(BOB, "Bob"))
    assert letter.subject == "ENG-42 is due in 24 hours: Write the plan"
    for body in (letter.text, letter.html):
        assert "Wed 25 Nov 2026, 13:00 CET" in body
        assert "https://tasks.example/tasks/ENG-42" in body


def test_an_escalation_says_that_it_is_late() -> None:
    letter = letters.alert(alert(category=Category.SLA_ESCALATION), "ENG-42 is overdue", profile(BOB, "Bob"))
    assert "and is not done" in letter.text
    assert "and is not done" in letter.html


def test_an_invitation_carries_its_token_behind_the_fragment() -> None:
    letter = letters.invitation(invitation(token="a-b_c"))
    for body in (letter.text, letter.html):
        assert "https://tasks.example/invitations#token=a-b_c" in body
    assert letter.subject == "Ada invited you to Engines on TaskFlow"


def test_a_reminder_of_an_invitation_says_so_even_when_nobody_knows_who_sent_it() -> None:
    letter = letters.invitation(invitation(reminder=True, inviter_name="", token="a-b_c"))
    assert letter.subject == "Reminder: Someone invited you to Engines on TaskFlow"
    assert "#token=a-b_c" in letter.text


@pytest.mark.parametrize(("role", "told"), [("MEMBER", "on TaskFlow as member."), ("custom", "on TaskFlow.")])
def test_an_invitation_names_the_role_where_it_has_a_name(role: str, told: str) -> None:
    letter = letters.invitation(invitation(role=role))
    assert told in letter.text
    assert told in letter.html


@pytest.mark.parametrize(
    ("purpose", "subject", "path"),
    [
        (Purpose.PASSWORD_RESET, "Choose a new password for TaskFlow", "password-reset"),
        (Purpose.EMAIL_VERIFICATION, "Confirm your e-mail address for TaskFlow", "verify-email"),
    ],
)
def test_a_link_of_an_account_carries_its_token_behind_the_fragment_and_says_how_long_it_works(
    purpose: Purpose, subject: str, path: str
) -> None:
    letter = letters.account(account_link(purpose=purpose, token="a-b_c"))
    for body in (letter.text, letter.html):
        assert f"https://tasks.example/{path}#token=a-b_c" in body
        assert "24 November 2026, 13:00 UTC" in body
        assert "Hello Bob" in body
    assert letter.subject == subject


def test_a_mail_ends_with_one_click_and_says_so_as_mail_programs_read_it() -> None:
    letter = letters.notice(assigned(task(), [BOB], ADA, "Ada"), profile(BOB, "Bob"))
    raw = compose(delivery(letter=letter), _SENDER).as_bytes()
    url = f"https://tasks.example/unsubscribe?token={TOKENS.make(BOB, 'task.assigned')}"
    assert f"List-Unsubscribe: <{url}>\r\n".encode() in raw
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert url in letter.text
    assert url in letter.html


def test_a_digest_shows_what_is_unread_and_how_much_more() -> None:
    told = [notification(title=f"<b>{number}</b>", body="[click](javascript:alert(1))") for number in range(3)]
    entries = [Entry(notification=one, seq=number, read_at=None, version=1) for number, one in enumerate(told)]
    letter = letters.digest(entries, 5, profile(BOB, "Bob"))
    assert letter.subject == "5 unread in TaskFlow"
    assert "<b>2</b>" in letter.text
    assert "&lt;b&gt;2&lt;/b&gt;" in letter.html
    assert "and 2 more." in letter.text
    assert [tag for tag, _ in tags(letter.html)].count("a") == 2
    assert "more" not in letters.digest(entries, 3, profile(BOB, "Bob")).html.replace("No more", "")


@pytest.mark.parametrize(
    "attack",
    [
        "x\r\nBcc: eve@example.com",
        "x\n\n<script>alert(1)</script>",
        "</title><img src=x onerror=alert(1)>",
        "{{ 7 * 7 }}{% include '/etc/passwd' %}",
        "\u2028Bcc: eve@example.com",
        '" onmouseover="alert(1)',
    ],
)
def test_attacks_stay_text(attack: str) -> None:
    calm = letters.alert(alert(), "ENG-42 is overdue", profile(BOB, "Bob"))
    letter = letters.alert(alert(title=attack), "ENG-42 is overdue", profile(BOB, attack))
    assert headers(letter) == _UNSUBSCRIBING
    assert tags(letter.html) == tags(calm.html)
    assert "49" not in letter.subject + letter.html.replace("24", "")


@given(st.text(max_size=400), st.text(max_size=80))
def test_no_text_adds_a_header_or_a_tag(title: str, name: str) -> None:
    pairs = (
        (letters.invitation(invitation()), letters.invitation(invitation(workspace_name=title, inviter_name=name))),
        (letters.account(account_link()), letters.account(account_link(display_name=title, token=name))),
    )
    for calm, letter in pairs:
        assert headers(letter) == _HEADERS
        assert tags(letter.html) == tags(calm.html)


@given(st.text(max_size=400), st.text(max_size=600))
def test_no_text_of_a_task_adds_a_header_or_a_tag(title: str, comment: str) -> None:
    calm = letters.notice(commented(task(), remark("Fine", ADA), "Ada"), profile(BOB, "Bob"))
    letter = letters.notice(commented(task(key="ENG-1", title=title), remark(comment, ADA), title), profile(BOB, title))
    assert headers(letter) == _UNSUBSCRIBING
    assert tags(letter.html) == tags(calm.html)
    assert len(letter.subject) <= 180
