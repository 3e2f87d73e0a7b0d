"""Query plan nodes: what the planner hands to an executor, and the only planner module an executor may
import.

Plain immutable data. A plan answers one normalised operation; it names response keys, never Python objects,
so it can be printed, compared in golden tests, cached and compiled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class OperationKind(StrEnum):
    """Kind of the operation sent to a subgraph."""

    QUERY = "query"
    MUTATION = "mutation"
    SUBSCRIPTION = "subscription"


@dataclass(frozen=True, slots=True)
class Key:
    """Steps into an object by the response key under which the value is stored in the merged data."""

    name: str


@dataclass(frozen=True, slots=True)
class Items:
    """Steps into every element of a list (nested lists take one `Items` per level)."""


@dataclass(frozen=True, slots=True)
class OnTypes:
    """Lets only objects pass whose `__typename` is one of the given concrete types."""

    names: frozenset[str]


PathSegment = Key | Items | OnTypes
Path = tuple[PathSegment, ...]


@dataclass(frozen=True, slots=True)
class InputField:
    """One field of a representation: `name` as the subgraph knows it, read from `source` in the merged data.

    `source` differs from `name` when the planner fetched the value under an internal alias (two argument sets
    or two types under one response key). `nullable`: a null value is sent as null (a field that `@requires`
    names and whose type may be null); null in any other field yields no representation, nor does a missing
    value ever.
    """

    name: str
    source: str
    selections: tuple[InputSelection, ...] = ()
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class InputFragment:
    """Selections that apply when the (nested) object's concrete type is one of `types`."""

    types: frozenset[str]
    selections: tuple[InputSelection, ...]


InputSelection = InputField | InputFragment


@dataclass(frozen=True, slots=True)
class Representation:
    """How to build a representation of an object at the entry's path.

    `types`: concrete types it applies to, None for every object at the path (its type is known statically, or
    cannot be known yet because it came from an interface object: such data have no `__typename`). `typename`:
    what is sent as `__typename` (an interface's name when the subgraph knows the type as an interface object),
    or None to send the object's own. An object with a missing field, or with null in a field that is not
    `nullable`, yields no representation.
    """

    types: frozenset[str] | None
    typename: str | None
    selections: tuple[InputSelection, ...]


@dataclass(frozen=True, slots=True)
class ContextSource:
    """Where the value for an object stands: in the object after the first `depth` segments of the path that led to it,
    along `selections`, which name one leaf. Lists on the way give lists. No selection applies: there is no value.
    """

    depth: int
    selections: tuple[InputSelection, ...]


@dataclass(frozen=True, slots=True)
class ContextVariable:
    """A variable of the document that fills an argument from objects above. `sources`: one for each of the entry's
    paths. `required`: an object without a value is not asked for; else null is sent.
    """

    name: str
    required: bool
    sources: tuple[ContextSource, ...]


@dataclass(frozen=True, slots=True)
class EntryText:
    """An entry's part of the document, to be left out or repeated: its call, the definitions of its own variables and
    of the client's variables that it uses. `ENDING` stands where names need an ending that tells repetitions apart.
    """

    call: str
    own: str
    client: tuple[str, ...]


ENDING = "\0"  # occurs in no document


@dataclass(frozen=True, slots=True)
class EntityEntry:
    """One `_entities` call inside a fetch: response key, variable, where representations come from and go
    back to.

    With `contexts` the values from above are variables, the same for all objects of one call: objects with other values
    need a call of their own. `text` is set on all entries of a fetch in which one has contexts.
    """

    alias: str
    variable: str
    paths: tuple[Path, ...]
    representations: tuple[Representation, ...]
    skip_if: tuple[tuple[str, bool], ...] = ()  # (client variable, value that skips this entry)
    contexts: tuple[ContextVariable, ...] = ()
    text: EntryText | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request to a subgraph. Without `entries` it is a root fetch merged at the root of the response.

    `document` is the operation text, `variables` the client variables it uses (name in the document equals
    the client's name). Several entries make one request with aliased `_entities` calls (same-wave batching).
    A root fetch with a `path` re-enters the root type below a field that returns it: its data are merged into
    every object at the path, and it is not sent when there is none.
    """

    id: int
    service: str
    kind: OperationKind
    document: str
    variables: tuple[str, ...] = ()
    entries: tuple[EntityEntry, ...] = ()
    operation_name: str | None = None
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Sequence:
    """Runs the nodes one after the other."""

    nodes: tuple[PlanNode, ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    """Runs the nodes at the same time (one wave)."""

    nodes: tuple[PlanNode, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """Runs one branch depending on a Boolean client variable."""

    variable: str
    if_true: PlanNode | None
    if_false: PlanNode | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """`primary` opens the event stream (or names the live field); `rest` completes each event."""

    primary: Fetch
    rest: PlanNode | None


@dataclass(frozen=True, slots=True)
class Deferred:
    """One deferred part: its label, where the client sees it (by response keys), what it fetches of its own.

    `parent`: the part that must have been fetched before, empty for the primary one. The objects that a part fills and
    what of them it shows stand as `Spot`s in the projection of its parent.
    """

    id: str
    label: str | None
    path: Path
    node: PlanNode | None
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Defer:
    """The primary part and the parts that follow it, each after its parent."""

    primary: PlanNode | None
    deferred: tuple[Deferred, ...]


PlanNode = Fetch | Sequence | Parallel | Condition | Subscription | Defer


def fetches_of(node: PlanNode | None) -> Iterator[Fetch]:
    """Every fetch of the plan in document order."""
    match node:
        case Fetch():
            yield node
        case Sequence(nodes) | Parallel(nodes):
            for child in nodes:
                yield from fetches_of(child)
        case Condition(_, if_true, if_false):
            yield from fetches_of(if_true)
            yield from fetches_of(if_false)
        case Subscription(primary, rest):
            yield primary
            yield from fetches_of(rest)
        case Defer(primary, deferred):
            yield from fetches_of(primary)
            for part in deferred:
                yield from fetches_of(part.node)
        case None:
            return


@dataclass(frozen=True, slots=True)
class TypeShape:
    """Nullability and list nesting of a field as the API schema declares it, outermost first.

    `nullable[i]` says whether level i may be null; there is one list level less than entries: `[Int!]` is
    (True, False) with `lists == 1`.
    """

    nullable: tuple[bool, ...]

    @property
    def lists(self) -> int:
        return len(self.nullable) - 1


@dataclass(frozen=True, slots=True)
class ProjectedField:
    """One response key of an object: where its value stands in the merged data and how it is checked on the
    way out.

    `types`: concrete parent types that have this field under this key (None: all of them). `source`: key in
    the merged data. `conditions`: client variables that must hold these values for the field to appear;
    alternatives are several ProjectedFields with the same `response_key`. `typename`: this is `__typename`,
    answered from the object's concrete type. `enum_values`: the values that the API schema shows, else None.
    `children`: None for leaves. `possible_types`: concrete types that a composite value may have in the API
    schema.
    """

    response_key: str
    source: str
    shape: TypeShape
    types: frozenset[str] | None = None
    conditions: tuple[tuple[str, bool], ...] = ()
    typename: bool = False
    introspection: bool = False
    enum_values: frozenset[str] | None = None
    children: Projection | None = None
    possible_types: frozenset[str] | None = None
    field_name: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a deferred part hangs: objects of these types, under these conditions, get this much more with the part."""

    part: str
    projection: Projection
    types: frozenset[str] | None = None
    conditions: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Projection:
    """Fields of an object in the client's order. `typename` is set where the object's type is statically
    known. `spots`: what follows in deferred parts.
    """

    fields: tuple[ProjectedField, ...]
    typename: str | None = None
    spots: tuple[Spot, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """The answer of the planner for one operation.

    `keeps_reply`: the plan is one call, and the data of its reply are the answer's as they stand, if the subgraph keeps
    to its schema.
    """

    kind: OperationKind
    root: PlanNode | None
    projection: Projection
    keeps_reply: bool = False
