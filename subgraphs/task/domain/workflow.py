"""How a project's workflow changes: states come, are renamed, change places and go.

Invariant: names differ within a project, exactly one state is the default of new tasks, and a state keeps its category
for life: what a category means to deadlines must not change under a thousand tasks at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from subgraphs.task.domain.projects import Project, Status, StatusCategory, ensure_open, stepped
from subgraphs.task.domain.text import check_line
from subgraphs.task.errors import invalid, not_found, status_name_taken

LONGEST_NAME = 50
MOST_STATES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusDraft:
    """What a caller says about a new state; it comes behind `after_id`, or behind all others."""

    name: str
    category: StatusCategory
    after_id: UUID | None = None


def status_in(project: Project, status_id: UUID) -> Status:
    """The state of that id.

    Raises:
        DomainError: NOT_FOUND.
    """
    for status in project.statuses:
        if status.id == status_id:
            return status
    raise not_found("status")


def add_status(project: Project, draft: StatusDraft, *, status_id: UUID, now: datetime) -> Project:
    """The project with one more state.

    Raises:
        DomainError: invalid, EXISTS, NOT_FOUND for the state to stand behind, or a precondition.
    """
    ensure_open(project)
    if len(project.statuses) >= MOST_STATES:
        raise invalid("name", f"A project has at most {MOST_STATES} states")
    status = Status(id=status_id, name=_check_name(project, draft.name), category=draft.category)
    place = len(project.statuses)
    if draft.after_id is not None:
        place = project.statuses.index(status_in(project, draft.after_id)) + 1
    states = (*project.statuses[:place], status, *project.statuses[place:])
    return stepped(project, replace(project, statuses=states), now=now)


def change_status(project: Project, status_id: UUID, *, name: str | None, default: bool, now: datetime) -> Project:
    """The project with a state renamed, made the default of new tasks, or both.

    Raises:
        DomainError: NOT_FOUND, invalid, EXISTS, or a precondition.
    """
    ensure_open(project)
    status = status_in(project, status_id)
    renamed = status if name is None else replace(status, name=_check_name(project, name, but=status))
    return stepped(
        project,
        replace(
            project,
            statuses=tuple(renamed if one.id == status_id else one for one in project.statuses),
            default_status_id=status_id if default else project.default_status_id,
        ),
        now=now,
    )


def reorder_statuses(project: Project, status_ids: Sequence[UUID], *, now: datetime) -> Project:
    """The project with its states in that order.

    Raises:
        DomainError: invalid, when the ids are not exactly the project's states; or a precondition.
    """
    ensure_open(project)
    by_id = {status.id: status for status in project.statuses}
    if len(status_ids) != len(by_id) or set(status_ids) != set(by_id):
        raise invalid("statusIds", "statusIds must name each state of the project once")
    return stepped(project, replace(project, statuses=tuple(by_id[one] for one in status_ids)), now=now)


def remove_status(project: Project, status_id: UUID, move_to_id: UUID, *, now: datetime) -> Project:
    """The project without a state; new tasks begin in the other one where they began in this.

    Raises:
        DomainError: NOT_FOUND, invalid when both are the same, or a precondition.
    """
    ensure_open(project)
    status_in(project, status_id)
    heir = status_in(project, move_to_id)
    if heir.id == status_id:
        raise invalid("moveToId", "The tasks must move to another state")
    return stepped(
        project,
        replace(
            project,
            statuses=tuple(one for one in project.statuses if one.id != status_id),
            default_status_id=heir.id if project.default_status_id == status_id else project.default_status_id,
        ),
        now=now,
    )


def _check_name(project: Project, name: str, *, but: Status | None = None) -> str:
    line = check_line("name", name, longest=LONGEST_NAME)
    if any(one.name.casefold() == line.casefold() and one != but for one in project.statuses):
        raise status_name_taken(line)
    return line
