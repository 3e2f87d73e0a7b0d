"""Labels of a project. Invariant: a name stands once in a project, in whatever case, among the labels not deleted."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from subgraphs.task.domain.text import check_line
from subgraphs.task.domain.unset import UNSET, Unset
from subgraphs.task.errors import invalid, version_conflict

LONGEST_NAME = 50
MOST_LABELS = 500
_COLOR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A word with a colour that tasks of one project may carry."""

    id: UUID
    workspace_id: UUID
    project_id: UUID
    name: str
    color: str
    version: int = 1
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPatch:
    """What a caller wants changed; UNSET leaves a field alone."""

    name: str | Unset = UNSET
    color: str | Unset = UNSET


def new_label(*, label_id: UUID, workspace_id: UUID, project_id: UUID, name: str, color: str) -> Label:
    """A checked label.

    Raises:
        DomainError: invalid, naming the first wrong field.
    """
    return Label(
        id=label_id,
        workspace_id=workspace_id,
        project_id=project_id,
        name=_check_name(name),
        color=_check_color(color),
    )


def revise_label(label: Label, patch: LabelPatch, *, expected: int | None) -> Label:
    """The label after the patch; the same object when nothing differs.

    Raises:
        DomainError: VERSION_CONFLICT, or invalid, naming the first wrong field.
    """
    check_label_version(label, expected, patch)
    revised = replace(
        label,
        name=label.name if patch.name is UNSET else _check_name(patch.name),
        color=label.color if patch.color is UNSET else _check_color(patch.color),
    )
    return label if revised == label else replace(revised, version=label.version + 1)


def check_label_version(label: Label, expected: int | None, patch: LabelPatch) -> None:
    """Refuses a change that was made from an older sight of the label.

    Raises:
        DomainError: VERSION_CONFLICT.
    """
    if expected is None or expected == label.version:
        return
    current = {"name": label.name, "color": label.color}
    submitted = {name: value for name, value in (("name", patch.name), ("color", patch.color)) if value is not UNSET}
    raise version_conflict(
        expected=expected,
        actual=label.version,
        changed=[name for name, value in submitted.items() if value != current[name]],
        current=current,
        submitted=submitted,
    )


def _check_name(name: str) -> str:
    return check_line("name", name, longest=LONGEST_NAME)


def _check_color(color: str) -> str:
    lower = color.strip().lower() if len(color) <= 20 else color
    if not _COLOR.fullmatch(lower):
        raise invalid("color", "color must be six hexadecimal digits behind a #, such as #1f6feb")
    return lower
