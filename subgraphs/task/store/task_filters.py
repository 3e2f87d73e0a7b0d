"""How filters and orders become SQL. Invariant: only our own words get into the text; values are parameters."""

from collections.abc import Mapping
from typing import Any

from subgraphs.task.domain.queries import (
    NEVER_DUE,
    PRIORITY_ORDER,
    SEVERAL,
    TEXTS,
    Comparison,
    Every,
    Field,
    Filter,
    Never,
    Operator,
    Some,
    Sort,
    SortField,
)

_COLUMNS: Mapping[Field, tuple[str, str]] = {
    Field.ID: ("t.id", "uuid"),
    Field.NUMBER: ("t.number", "integer"),
    Field.TITLE: ("lower(t.title)", "text"),
    Field.STATUS: ("(SELECT lower(name) FROM project_statuses WHERE id = t.status_id)", "text"),
    Field.STATUS_ID: ("t.status_id", "uuid"),
    Field.STATUS_CATEGORY: ("t.status_category::text", "text"),
    Field.PRIORITY: ("t.priority_order", "smallint"),
    Field.REPORTER: ("t.reporter_id", "uuid"),
    Field.PARENT: ("t.parent_id", "uuid"),
    Field.ESTIMATE: ("t.estimate", "integer"),
    Field.DUE_AT: ("t.due_at", "timestamptz"),
    Field.START_AT: ("t.start_at", "timestamptz"),
    Field.CREATED_AT: ("t.created_at", "timestamptz"),
    Field.UPDATED_AT: ("t.updated_at", "timestamptz"),
}
# Through the tables of links: the comparison of ids may use an index under row-level security, that of arrays may not.
_SEVERAL: Mapping[Field, tuple[str, str]] = {
    Field.ASSIGNEE: ("EXISTS (SELECT FROM task_assignees l WHERE l.task_id = t.id AND l.user_id = {})", "assignee_ids"),
    Field.WATCHER: ("{} = ANY (t.watcher_ids)", "watcher_ids"),
    Field.LABEL: (
        "EXISTS (SELECT FROM task_labels l JOIN labels known ON known.id = l.label_id "
        "WHERE l.task_id = t.id AND known.deleted_at IS NULL AND l.label_id = {})",
        "label_ids",
    ),
}
_SIGNS = {Operator.EQ: "=", Operator.LT: "<", Operator.LTE: "<=", Operator.GT: ">", Operator.GTE: ">="}
_EARLIER = frozenset({Operator.LT, Operator.LTE, Operator.EQ})
_ORDERS: Mapping[SortField, tuple[str, str]] = {
    SortField.CREATED_AT: ("t.id", "uuid"),
    SortField.UPDATED_AT: ("t.updated_at", "timestamptz"),
    SortField.DUE_AT: ("coalesce(t.due_at, '9999-12-31T00:00:00Z'::timestamptz)", "timestamptz"),
    SortField.PRIORITY: ("t.priority_order", "smallint"),
    SortField.POSITION: ("t.position", "text"),
}


class Parameters:
    """The values of a statement, numbered as they come."""

    def __init__(self, *values: object) -> None:
        self.values: list[object] = list(values)

    def add(self, value: object, kind: str) -> str:
        self.values.append(value)
        return f"${len(self.values)}::{kind}"


def condition(wanted: Filter, parameters: Parameters) -> str:
    """The filter over `tasks t`."""
    match wanted:
        case Every(parts):
            return " AND ".join(f"({condition(part, parameters)})" for part in parts) or "true"
        case Some(parts):
            return " OR ".join(f"({condition(part, parameters)})" for part in parts) or "false"
        case Never(part):
            return f"({condition(part, parameters)}) IS NOT TRUE"
        case Comparison(field, operator, value):
            return _comparison(field, operator, value, parameters)


def _comparison(field: Field, operator: Operator, value: Any, parameters: Parameters) -> str:
    if operator is Operator.NEQ:
        return f"({_comparison(field, Operator.EQ, value, parameters)}) IS NOT TRUE"
    if operator is Operator.NIN:
        return f"({_comparison(field, Operator.IN, value, parameters)}) IS NOT TRUE"
    if field in SEVERAL:
        return _one_of_several(field, operator, value, parameters)
    column, kind = _COLUMNS[field]
    if operator is Operator.IS_NULL:
        return f"{column} IS {'' if value else 'NOT '}NULL"
    if field in TEXTS:
        value = [one.lower() for one in value] if operator is Operator.IN else value.lower()
    if field is Field.PRIORITY:
        value = [PRIORITY_ORDER[one] for one in value] if operator is Operator.IN else PRIORITY_ORDER[value]
    if field is Field.DUE_AT and operator in _EARLIER and value < NEVER_DUE:
        # What is never due is later than any date: the same tasks, found in the index of the order by due date.
        column = _ORDERS[SortField.DUE_AT][0]
    if operator is Operator.IN:
        return f"{column} = ANY ({parameters.add(list(value), f'{kind}[]')})"
    if operator is Operator.CONTAINS:
        return f"strpos({column}, {parameters.add(value, kind)}) > 0"
    if operator is Operator.STARTS_WITH:
        return f"starts_with({column}, {parameters.add(value, kind)})"
    return f"{column} {_SIGNS[operator]} {parameters.add(value, kind)}"


def _one_of_several(field: Field, operator: Operator, value: Any, parameters: Parameters) -> str:
    template, column = _SEVERAL[field]
    if operator is Operator.IS_NULL:
        if field is Field.LABEL:
            some = f"EXISTS (SELECT FROM labels known WHERE known.id = ANY (t.{column}) AND known.deleted_at IS NULL)"
            return f"NOT {some}" if value else some
        return f"t.{column} {'=' if value else '<>'} '{{}}'"
    if operator is Operator.IN and field is Field.WATCHER:
        return f"t.{column} && {parameters.add(list(value), 'uuid[]')}"
    if operator is Operator.IN:
        return template.format(f"ANY ({parameters.add(list(value), 'uuid[]')})")
    return template.format(parameters.add(value, "uuid"))


def order(sort: Sort, *, key: str = "t.id") -> str:
    """The ORDER BY; `key` is the id as the list's own index has it."""
    expression, _ = _ORDERS[sort.field]
    direction = "DESC" if sort.descending else "ASC"
    if sort.field is SortField.CREATED_AT and key != "t.id":
        return f"{key} {direction}"
    if sort.field is SortField.CREATED_AT:
        # As the indexes of the lists have it and that of the primary key has not: see the migration.
        return f"{key} {direction} NULLS {'LAST' if sort.descending else 'FIRST'}"
    return f"{expression} {direction}, t.id {direction}"


def behind(sort: Sort, at: object, after: object, parameters: Parameters, *, key: str = "t.id") -> str:
    """The condition of standing behind a place in the order."""
    expression, kind = _ORDERS[sort.field]
    sign = "<" if sort.descending else ">"
    if sort.field is SortField.CREATED_AT:
        return f"{key} {sign} {parameters.add(after, 'uuid')}"
    return f"({expression}, t.id) {sign} ({parameters.add(at, kind)}, {parameters.add(after, 'uuid')})"
