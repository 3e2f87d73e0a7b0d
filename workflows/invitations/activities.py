"""Owns what the workflow of an invitation asks of its owner, who decides each time what is to be done."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Protocol

from temporalio import activity

from kit.errors import DomainError, Kind, unavailable
from proto.auth.v1.auth_pb2 import InvitationRound, InvitationStanding
from workflows.invitations.types import Sending, Standing

_OVER = Standing(open=False, current=Sending(round=0, expires_at=datetime.min.replace(tzinfo=UTC)))


class Invitations(Protocol):
    """Auth's InvitationService (its gRPC stub)."""

    def Remind(self, request: InvitationRound, /) -> Awaitable[InvitationStanding]:  # noqa: N802 (the stub's name)
        """Raises `DomainError` NOT_FOUND for an invitation that never was."""

    def Expire(self, request: InvitationRound, /) -> Awaitable[InvitationStanding]:  # noqa: N802 (the stub's name)
        """Raises `DomainError` NOT_FOUND for an invitation that never was."""


class InvitationActivities:
    """The activities of the workflow."""

    def __init__(self, invitations: Invitations) -> None:
        self._invitations = invitations

    @activity.defn(name="remind_invitation")
    async def remind(self, invitation_id: str, number: int) -> Standing:
        """Has the address reminded, if the invitation is still open in this round."""
        return await _asked(self._invitations.Remind(InvitationRound(invitation_id=invitation_id, round=number)))

    @activity.defn(name="expire_invitation")
    async def expire(self, invitation_id: str, number: int) -> Standing:
        """Ends the invitation. Fails, to be repeated, while the owner's clock says that it is not time yet."""
        request = InvitationRound(invitation_id=invitation_id, round=number)
        standing = await _asked(self._invitations.Expire(request))
        if standing.open and standing.current.round == number:
            raise unavailable("The owner's clock is behind: the invitation is still good.")
        return standing


async def _asked(answer: Awaitable[InvitationStanding]) -> Standing:
    try:
        told = await answer
    except DomainError as error:
        if error.kind is Kind.NOT_FOUND:
            return _OVER
        raise
    return Standing(open=told.open, current=Sending(told.round, told.expires_at.ToDatetime(tzinfo=UTC)))
