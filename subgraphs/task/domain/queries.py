"""Which tasks a list holds and in which order: comparisons joined by and, or and not.

Invariant: a comparison with something absent is false (only `IS_NULL` is true of it), and the negation of a false one
is true; so a filter and its negation share the tasks out between them. `matches` is what every store means.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from subgraphs.task.domain.tasks import Priority, Task

MOST_COMPARISONS = 50
MOST_VALUES = 100
DEEPEST = 5


class Operator(StrEnum):
    """How a field is compared."""

    EQ = "eq"
    NEQ = "neq"
    IN = "in"
    NIN = "nin"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    CONTAINS = "contains"
    STARTS_WITH = "startsWith"
    IS_NULL = "isNull"


class Field(StrEnum):
    """What can be compared; of people and labels a task has several, and one that fits is enough."""

    ID = "id"
    NUMBER = "number"
    TITLE = "title"
    STATUS = "status"
    STATUS_ID = "statusId"
    STATUS_CATEGORY = "statusCategory"
    PRIORITY = "priority"
    ASSIGNEE = "assignee"
    REPORTER = "reporter"
    WATCHER = "watcher"
    LABEL = "label"
    PARENT = "parent"
    ESTIMATE = "estimate"
    DUE_AT = "dueAt"
    START_AT = "startAt"
    CREATED_AT = "createdAt"
    UPDATED_AT = "updatedAt"


SEVERAL = frozenset({Field.ASSIGNEE, Field.WATCHER, Field.LABEL})
TEXTS = frozenset({Field.TITLE, Field.STATUS})
"""Compared without regard to case."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field against one value; a tuple for `IN` and `NIN`, a boolean for `IS_NULL`."""

    field: Field
    operator: Operator
    value: Any


@dataclass(frozen=True, slots=True)
class Every:
    """True when each part is; without parts always."""

    parts: "tuple[Filter, ...]" = ()


@dataclass(frozen=True, slots=True)
class Some:
    """True when one part is; without parts never."""

    parts: "tuple[Filter, ...]" = ()


@dataclass(frozen=True, slots=True)
class Never:
    """True when its part is not."""

    part: "Filter"


Filter: TypeAlias = Comparison | Every | Some | Never


class SortField(StrEnum):
    """By what tasks are sorted; equal ones by their age."""

    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    DUE_AT = "DUE_AT"
    PRIORITY = "PRIORITY"
    POSITION = "POSITION"


@dataclass(frozen=True, slots=True)
class Sort:
    """An order. Tasks without a due date stand behind all that have one when the order is ascending."""

    field: SortField = SortField.CREATED_AT
    descending: bool = True


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which tasks, in which order."""

    filter: Filter = Every()
    sort: Sort = Sort()


NEWEST_FIRST = TaskQuery()
NEVER_DUE = datetime.fromisoformat("9999-12-31T00:00:00+00:00")
PRIORITY_ORDER: Mapping[Priority, int] = {priority: number for number, priority in enumerate(Priority)}


def sort_value(task: Task, field: SortField) -> str | int | datetime | UUID:
    """What the order compares first."""
    match field:
        case SortField.CREATED_AT:
            return task.id
        case SortField.UPDATED_AT:
            return task.updated_at
        case SortField.DUE_AT:
            return task.due_at or NEVER_DUE
        case SortField.PRIORITY:
            return PRIORITY_ORDER[task.priority]
        case SortField.POSITION:
            return task.position


_READERS: Mapping[Field, Callable[[Task], Any]] = {
    Field.ID: lambda task: task.id,
    Field.NUMBER: lambda task: task.number,
    Field.TITLE: lambda task: task.title.lower(),
    Field.STATUS: lambda task: task.status.name.lower(),
    Field.STATUS_ID: lambda task: task.status.id,
    Field.STATUS_CATEGORY: lambda task: task.status.category,
    Field.PRIORITY: lambda task: task.priority,
    Field.ASSIGNEE: lambda task: task.assignee_ids,
    Field.REPORTER: lambda task: task.reporter_id,
    Field.WATCHER: lambda task: task.watcher_ids,
    Field.LABEL: lambda task: task.label_ids,
    Field.PARENT: lambda task: task.parent_id,
    Field.ESTIMATE: lambda task: task.estimate,
    Field.DUE_AT: lambda task: task.due_at,
    Field.START_AT: lambda task: task.start_at,
    Field.CREATED_AT: lambda task: task.created_at,
    Field.UPDATED_AT: lambda task: task.updated_at,
}
_TESTS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQ: lambda have, value: have == value,
    Operator.IN: lambda have, value: have in value,
    Operator.LT: lambda have, value: have < value,
    Operator.LTE: lambda have, value: have <= value,
    Operator.GT: lambda have, value: have > value,
    Operator.GTE: lambda have, value: have >= value,
    Operator.CONTAINS: lambda have, value: value in have,
    Operator.STARTS_WITH: lambda have, value: have.startswith(value),
}
_OPPOSITES = {Operator.NEQ: Operator.EQ, Operator.NIN: Operator.IN}


def matches(task: Task, filter: Filter) -> bool:  # noqa: A002 - what it is
    """Whether the task fits."""
    match filter:
        case Every(parts):
            return all(matches(task, part) for part in parts)
        case Some(parts):
            return any(matches(task, part) for part in parts)
        case Never(part):
            return not matches(task, part)
        case Comparison(field, operator, value):
            return _compare(_READERS[field](task), field, operator, value)


def _compare(have: Any, field: Field, operator: Operator, value: Any) -> bool:
    if operator in _OPPOSITES:
        return not _compare(have, field, _OPPOSITES[operator], value)
    if operator is Operator.IS_NULL:
        return (have is None or have == ()) is value
    if field in TEXTS:
        value = tuple(one.lower() for one in value) if isinstance(value, tuple) else value.lower()
    several: Sequence[Any] = have if field in SEVERAL else () if have is None else (have,)
    return any(_TESTS[operator](one, value) for one in several)
