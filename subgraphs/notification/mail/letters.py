"""Owns the words of mails. Whatever people typed is data: escaped in HTML, and on one line in a subject."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from subgraphs.notification.domain.deliveries import Letter
from subgraphs.notification.domain.notices import AccountLink, Alert, Invitation, Notice, Purpose
from subgraphs.notification.domain.notifications import Category, Entry
from subgraphs.notification.domain.profiles import Profile
from subgraphs.notification.service.links import Links
from subgraphs.notification.service.unsubscribing import DIGEST, UnsubscribeTokens

_SUBJECT_LIMIT = 180
_SOMEBODY = "Someone"
_LINKS = {
    Purpose.PASSWORD_RESET: ("Choose a new password for TaskFlow", "password_reset", "password-reset"),
    Purpose.EMAIL_VERIFICATION: ("Confirm your e-mail address for TaskFlow", "email_verification", "verify-email"),
}


class TemplateLetters:
    """`service.ports.Letters` on the templates beside this module."""

    def __init__(self, links: Links, tokens: UnsubscribeTokens) -> None:
        self._links = links
        self._tokens = tokens
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            # Only HTML is escaped: the text form shows what was typed.
            autoescape=select_autoescape(("html",), default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def alert(self, alert: Alert, title: str, reader: Profile) -> Letter:
        return self._letter(
            "alert",
            f"{title}: {alert.title}",
            self._unsubscribe(reader, alert.category),
            heading=title,
            reader=one_line(reader.display_name),
            task=one_line(alert.title),
            due=reader.local(alert.due_at),
            overdue=alert.category is Category.SLA_ESCALATION,
            link=self._links.of_task(alert.task_key),
        )

    def notice(self, notice: Notice, reader: Profile) -> Letter:
        return self._letter(
            "notice",
            f"{notice.title}: {notice.body}" if notice.body else notice.title,
            self._unsubscribe(reader, notice.category),
            heading=one_line(notice.title),
            reader=one_line(reader.display_name),
            body=one_line(notice.body),
            link=self._links.of_task(notice.task_key),
        )

    def digest(self, entries: Sequence[Entry], unread: int, reader: Profile) -> Letter:
        told = [entry.notification for entry in entries]
        return self._letter(
            "digest",
            f"{unread} unread in TaskFlow" if unread != 1 else "1 unread in TaskFlow",
            self._unsubscribe(reader, DIGEST),
            reader=one_line(reader.display_name),
            entries=[
                {"title": one_line(one.title), "body": one_line(one.body), "at": reader.local(one.created_at)}
                for one in told
            ],
            more=max(0, unread - len(told)),
            link=self._links.inbox(),
        )

    def invitation(self, invitation: Invitation) -> Letter:
        inviter, workspace = one_line(invitation.inviter_name) or _SOMEBODY, one_line(invitation.workspace_name)
        return self._letter(
            "invitation",
            f"{'Reminder: ' if invitation.reminder else ''}{inviter} invited you to {workspace} on TaskFlow",
            None,
            inviter=inviter,
            workspace=workspace,
            role=one_line(invitation.role).lower(),
            expires=invitation.expires_at.strftime("%-d %B %Y"),
            link=self._links.secret("invitations", invitation.token),
        )

    def account(self, link: AccountLink) -> Letter:
        subject, template, path = _LINKS[link.purpose]
        return self._letter(
            template,
            subject,
            None,
            reader=one_line(link.display_name),
            expires=link.expires_at.strftime("%-d %B %Y, %H:%M UTC"),
            link=self._links.secret(path, link.token),
        )

    def _unsubscribe(self, reader: Profile, kind: str) -> str:
        return self._links.unsubscribe(self._tokens.make(reader.user_id, kind))

    def _letter(self, name: str, subject: str, unsubscribe: str | None, **values: object) -> Letter:
        values["unsubscribe"] = unsubscribe
        return Letter(
            subject=_clip(one_line(subject)),
            text=self._templates.get_template(f"{name}.txt").render(values),
            html=self._templates.get_template(f"{name}.html").render(values),
            unsubscribe=unsubscribe,
        )


def one_line(text: str) -> str:
    """The text without line breaks and other control characters: nothing that could end a header line."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _clip(text: str) -> str:
    return text if len(text) <= _SUBJECT_LIMIT else text[: _SUBJECT_LIMIT - 1].rstrip() + "…"
