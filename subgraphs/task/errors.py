"""The refusals of this service, one function each, so that a code and its fields are spelled in one place.

Invariant: an id that does not exist and an id of another tenant make the very same error.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from kit.errors import DomainError


def invalid(field: str, reason: str) -> DomainError:
    """A value that the field does not accept."""
    return DomainError.of("BAD_INPUT", reason + ".", **{field: reason})


def not_found(entity: str) -> DomainError:
    """It does not exist, or the caller may not know that it does; the id is not repeated."""
    return DomainError.of("NOT_FOUND", f"There is no such {entity}.", entity=entity)


def forbidden(permission: str) -> DomainError:
    """The caller may see it but not do this."""
    return DomainError.of("FORBIDDEN", "Your role in the workspace does not allow this.", permission=permission)


def due_date_in_past(due_at: datetime, now: datetime) -> DomainError:
    """A due date that has passed when it is set."""
    return DomainError.of("DUE_DATE_IN_PAST", "The due date must lie in the future.", dueAt=due_at, now=now)


def not_project_members(field: str, user_ids: Sequence[UUID]) -> DomainError:
    """People who do not see the private project."""
    names = [str(user_id) for user_id in user_ids]
    return DomainError.of("NOT_A_MEMBER", f"Not a member of the private project: {', '.join(names)}.", **{field: names})


def not_members(field: str, user_ids: Sequence[UUID]) -> DomainError:
    """People who are not members of the workspace."""
    names = [str(user_id) for user_id in user_ids]
    return DomainError.of("NOT_A_MEMBER", f"Not a member of the workspace: {', '.join(names)}.", **{field: names})


def project_key_taken(key: str) -> DomainError:
    """Another project of the workspace has the key."""
    return DomainError.of("PROJECT_KEY_TAKEN", f"The workspace already has a project with the key {key}.", key=key)


def project_archived() -> DomainError:
    """An archived project takes no changes."""
    return DomainError.of("PROJECT_ARCHIVED", "The project is archived; take it out of the archive first.")


def project_deleted() -> DomainError:
    """A deleted project takes no changes."""
    return DomainError.of("PROJECT_DELETED", "The project is deleted; restore it first.")


def lead_stays() -> DomainError:
    """The lead cannot leave the project's members."""
    return DomainError.of("PRECONDITION_FAILED", "The lead stays a member; name another lead first.")


def status_name_taken(name: str) -> DomainError:
    """Another state of the project has the name."""
    return DomainError.of("EXISTS", f"The project already has a state named {name}.", name=name)


def label_name_taken(name: str) -> DomainError:
    """Another label of the project has the name."""
    return DomainError.of("EXISTS", f"The project already has a label named {name}.", name=name)


def dependency_cycle(field: str) -> DomainError:
    """What would make a task wait for itself."""
    return DomainError.of("DEPENDENCY_CYCLE", "The task would depend on itself.", field=field)


def too_many_tasks(limit: int) -> DomainError:
    """A state with more tasks than one transaction may move."""
    return DomainError.of(
        "PRECONDITION_FAILED",
        f"More than {limit} tasks are in this state; move them first, some at a time.",
        limit=limit,
    )


def comment_deleted() -> DomainError:
    """A deleted comment takes no changes."""
    return DomainError.of("PRECONDITION_FAILED", "The comment is deleted.")


def too_many_reactions(limit: int) -> DomainError:
    """A comment with more reactions than are kept."""
    return DomainError.of("PRECONDITION_FAILED", f"A comment has at most {limit} reactions.", limit=limit)


def task_deleted(task_id: UUID) -> DomainError:
    """The task must be restored first."""
    return DomainError.of("TASK_DELETED", "The task is deleted; restore it first.", id=str(task_id))


def version_conflict(
    *, expected: int, actual: int, changed: Sequence[str], current: Mapping[str, Any], submitted: Mapping[str, Any]
) -> DomainError:
    """The entity changed since it was read; both sides' values are shown."""
    return DomainError.of(
        "VERSION_CONFLICT",
        f"It was changed meanwhile: version {expected} was expected, {actual} is current.",
        expected=expected,
        actual=actual,
        changed=list(changed),
        current=dict(current),
        submitted=dict(submitted),
    )


def not_self() -> DomainError:
    """What belongs to one person alone."""
    return DomainError.of("FORBIDDEN", "Only the person themself may see this.")


def series_ended() -> DomainError:
    """A recurrence that has ended stays so."""
    return DomainError.of("SERIES_ENDED", "The recurrence has ended; create another one.")


def not_breached() -> DomainError:
    """There is nothing to take over."""
    return DomainError.of("NOT_BREACHED", "The task's deadline is not breached.")
