"""How a client says which tasks it wants and in which order.

Invariant: a filter is bounded in depth, in comparisons and in values, so that no document asks for unbounded work.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import strawberry

from subgraphs.task.domain.queries import (
    DEEPEST,
    MOST_COMPARISONS,
    MOST_VALUES,
    NEWEST_FIRST,
    Comparison,
    Every,
    Field,
    Filter,
    Never,
    Operator,
    Some,
    Sort,
    TaskQuery,
)
from subgraphs.task.domain.tasks import in_utc
from subgraphs.task.errors import invalid
from subgraphs.task.schema.arguments import read_id
from subgraphs.task.schema.enums import Priority, SortField, StatusCategory


@strawberry.input(description="Comparisons of an id; all that are given must hold.")
class IdComparator:
    eq: strawberry.ID | None = strawberry.UNSET
    neq: strawberry.ID | None = strawberry.UNSET
    in_: list[strawberry.ID] | None = strawberry.field(default=strawberry.UNSET, name="in")
    nin: list[strawberry.ID] | None = strawberry.UNSET
    is_null: bool | None = strawberry.field(default=strawberry.UNSET, description="Whether there is none.")


@strawberry.input(description="Comparisons of a text, without regard to case; all that are given must hold.")
class TextComparator:
    eq: str | None = strawberry.UNSET
    neq: str | None = strawberry.UNSET
    in_: list[str] | None = strawberry.field(default=strawberry.UNSET, name="in")
    nin: list[str] | None = strawberry.UNSET
    contains: str | None = strawberry.UNSET
    starts_with: str | None = strawberry.UNSET


@strawberry.input(description="Comparisons of a number; all that are given must hold.")
class NumberComparator:
    eq: int | None = strawberry.UNSET
    neq: int | None = strawberry.UNSET
    in_: list[int] | None = strawberry.field(default=strawberry.UNSET, name="in")
    nin: list[int] | None = strawberry.UNSET
    lt: int | None = strawberry.UNSET
    lte: int | None = strawberry.UNSET
    gt: int | None = strawberry.UNSET
    gte: int | None = strawberry.UNSET
    is_null: bool | None = strawberry.field(default=strawberry.UNSET, description="Whether there is none.")


@strawberry.input(description="Comparisons of a time; all that are given must hold.")
class TimeComparator:
    eq: datetime | None = strawberry.UNSET
    lt: datetime | None = strawberry.UNSET
    lte: datetime | None = strawberry.UNSET
    gt: datetime | None = strawberry.UNSET
    gte: datetime | None = strawberry.UNSET
    is_null: bool | None = strawberry.field(default=strawberry.UNSET, description="Whether there is none.")


@strawberry.input(description="Comparisons of a priority; all that are given must hold.")
class PriorityComparator:
    eq: Priority | None = strawberry.UNSET
    neq: Priority | None = strawberry.UNSET
    in_: list[Priority] | None = strawberry.field(default=strawberry.UNSET, name="in")
    nin: list[Priority] | None = strawberry.UNSET


@strawberry.input(description="Comparisons of a state's category; all that are given must hold.")
class StatusCategoryComparator:
    eq: StatusCategory | None = strawberry.UNSET
    neq: StatusCategory | None = strawberry.UNSET
    in_: list[StatusCategory] | None = strawberry.field(default=strawberry.UNSET, name="in")
    nin: list[StatusCategory] | None = strawberry.UNSET


@strawberry.input(
    description="Which tasks: all that is given must hold; of assignees, watchers and labels one that fits is enough."
)
class TaskFilter:
    id: IdComparator | None = strawberry.UNSET
    number: NumberComparator | None = strawberry.UNSET
    title: TextComparator | None = strawberry.UNSET
    status: TextComparator | None = strawberry.field(default=strawberry.UNSET, description="By the state's name.")
    status_id: IdComparator | None = strawberry.UNSET
    status_category: StatusCategoryComparator | None = strawberry.UNSET
    priority: PriorityComparator | None = strawberry.UNSET
    assignee: IdComparator | None = strawberry.UNSET
    reporter: IdComparator | None = strawberry.UNSET
    watcher: IdComparator | None = strawberry.UNSET
    label: IdComparator | None = strawberry.UNSET
    parent: IdComparator | None = strawberry.UNSET
    estimate: NumberComparator | None = strawberry.UNSET
    due_at: TimeComparator | None = strawberry.UNSET
    start_at: TimeComparator | None = strawberry.UNSET
    created_at: TimeComparator | None = strawberry.UNSET
    updated_at: TimeComparator | None = strawberry.UNSET
    and_: "list[TaskFilter] | None" = strawberry.field(default=strawberry.UNSET, name="and")
    or_: "list[TaskFilter] | None" = strawberry.field(default=strawberry.UNSET, name="or")
    not_: "TaskFilter | None" = strawberry.field(default=strawberry.UNSET, name="not")


@strawberry.input(description="An order of tasks; those without a due date come after all that have one, if ascending.")
class TaskSort:
    by: SortField
    descending: bool = False


def query_of(wanted: TaskFilter | None, sort: TaskSort | None) -> TaskQuery:
    """What the arguments ask for.

    Raises:
        DomainError: invalid, when the filter is too large or a value is none.
    """
    found = Every() if wanted is None else _read(wanted, DEEPEST)
    if sum(1 for _ in _comparisons(found)) > MOST_COMPARISONS:
        raise invalid("filter", f"A filter has at most {MOST_COMPARISONS} comparisons")
    order = NEWEST_FIRST.sort if sort is None else Sort(sort.by, sort.descending)
    return TaskQuery(found, order)


def _read(wanted: TaskFilter, depth: int) -> Filter:
    if depth == 0:
        raise invalid("filter", f"A filter nests at most {DEEPEST} deep")
    parts = [part for field in Field for part in _compared(field, getattr(wanted, _attribute(field)))]
    if wanted.and_:
        parts += [_read(one, depth - 1) for one in wanted.and_]
    if _given(wanted.or_):
        parts.append(Some(tuple(_read(one, depth - 1) for one in wanted.or_ or ())))
    if wanted.not_:
        parts.append(Never(_read(wanted.not_, depth - 1)))
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def _compared(field: Field, comparator: Any) -> Iterator[Filter]:
    if not _given(comparator):
        return
    for operator in Operator:
        value = getattr(comparator, _attribute(operator), None)
        if _given(value):
            yield Comparison(field, operator, _value(field, operator, value))


def _given(value: Any) -> bool:
    return value is not None and value is not strawberry.UNSET


def _value(field: Field, operator: Operator, value: Any) -> Any:
    if operator is Operator.IS_NULL:
        return value
    if isinstance(value, list):
        if len(value) > MOST_VALUES:
            raise invalid(field.value, f"A list holds at most {MOST_VALUES} values")
        return tuple(_single(field, one) for one in value)
    return _single(field, value)


def _single(field: Field, value: Any) -> Any:
    if field in _IDS:
        return read_id(field.value, value)
    if isinstance(value, datetime):
        return in_utc(field.value, value)
    if isinstance(value, str) and "\0" in value:
        raise invalid(field.value, "A text holds no NUL")
    return value


def _attribute(name: Field | Operator) -> str:
    """The Python name of a field of the inputs."""
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return "in_" if snake == "in" else snake


def _comparisons(found: Filter) -> Iterator[Comparison]:
    match found:
        case Comparison():
            yield found
        case Never(part):
            yield from _comparisons(part)
        case Every(parts) | Some(parts):
            for part in parts:
                yield from _comparisons(part)


_IDS = frozenset({Field.ID, Field.STATUS_ID, Field.ASSIGNEE, Field.REPORTER, Field.WATCHER, Field.LABEL, Field.PARENT})
