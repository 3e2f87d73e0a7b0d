"""Owns the answers of InvitationService: what the durable clock of invitations asks for."""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from proto.auth.v1 import auth_pb2 as wire
from proto.auth.v1.auth_pb2_grpc import InvitationServiceServicer
from subgraphs.auth.domain.invitations import Invitation, InvitationId, State
from subgraphs.auth.rpc.ids import known_id
from subgraphs.auth.service.invitations import Inviting

Context = grpc.aio.ServicerContext[Any, Any]


class InvitationServicer(InvitationServiceServicer):
    """Translates calls into use cases; the server's edge has verified the calling service."""

    def __init__(self, inviting: Inviting) -> None:
        self._inviting = inviting

    async def Remind(self, request: wire.InvitationRound, context: Context) -> wire.InvitationStanding:  # noqa: N802
        return _standing(await self._inviting.remind(*_round(request)))

    async def Expire(self, request: wire.InvitationRound, context: Context) -> wire.InvitationStanding:  # noqa: N802
        return _standing(await self._inviting.expire(*_round(request)))


def _round(request: wire.InvitationRound) -> tuple[InvitationId, int]:
    return InvitationId(known_id("invitation", request.invitation_id)), request.round


def _standing(invitation: Invitation) -> wire.InvitationStanding:
    expires_at = Timestamp()
    expires_at.FromDatetime(invitation.expires_at)
    return wire.InvitationStanding(
        open=invitation.state is State.PENDING, round=invitation.round, expires_at=expires_at
    )
