"""Owns the names by which the workflow of an invitation is found again."""

from __future__ import annotations

TASK_QUEUE = "invitations"
SENT = "invitation_sent"
"""The signal that carries a `Sending`."""


def workflow_id(workspace_id: object, invitation_id: object) -> str:
    return f"invitation/{workspace_id}/{invitation_id}"
