"""Why a field cannot be had: one reason for each subgraph that a query may have come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.composition.satisfiability.reach import Reach
from gateway.graph.nodes import Node
from gateway.supergraph.model import SubgraphType


def explain(reach: Reach, options: Sequence[Node], type_name: str, field: str) -> str:
    """Bulleted lines, in the order of the options."""
    lines = []
    for option in options:
        reasons = list(dict.fromkeys(_reasons(reach, option, type_name, field)))
        where = f'from subgraph "{_name(reach, option)}"' if option.subgraph else "from any subgraph"
        if len(reasons) == 1:
            lines.append(f"- {where}: {reasons[0]}.")
        else:
            lines += [f"- {where}:", *(f"  - {reason}." for reason in reasons)]
    return "\n".join(dict.fromkeys(lines))


def explain_narrowing(reach: Reach, options: Sequence[Node], interface: str, wanted: str) -> str:
    """Why no object of the wanted type can be asked for."""
    lines = [
        f'- from subgraph "{_name(reach, option)}": no subgraph can be reached to resolve the implementation type of '
        f'@interfaceObject type "{interface}".'
        for option in options
        if option.is_interface_object
    ]
    return "\n".join(
        lines or [f'- from subgraph "{_name(reach, each)}": cannot find type "{wanted}".' for each in options]
    )


def _name(reach: Reach, node: Node) -> str:
    return reach.graph.supergraph.subgraphs[node.subgraph].name


def _reasons(reach: Reach, option: Node, type_name: str, field: str) -> Iterator[str]:
    at = f"{type_name}.{field}"
    reached = reach.closure(option)
    for node in reached:
        if node.subgraph:
            local = _local(reach, node, at, field)
            prefix = "" if node is option else f'after moving to subgraph "{_name(reach, node)}", '
            if local != _absent(at) or node is option:
                yield prefix + local
    known = {node.subgraph for node in reached}
    for subgraph in reach.graph.supergraph.subgraphs.values():
        table = subgraph.types.get(type_name)
        if subgraph.id in known or table is None or field not in table.fields or table.fields[field].external:
            continue
        origin = _name(reach, option) if option.subgraph else "the root"
        yield f'cannot move to subgraph "{subgraph.name}", {_no_entry(table, subgraph.name, at, type_name, origin)}'


def _absent(at: str) -> str:
    return f'cannot find field "{at}"'


def _local(reach: Reach, node: Node, at: str, field: str) -> str:
    declared = node.table.fields.get(field)
    if declared is None:
        return _absent(at)
    if declared.external:
        return f'field "{at}" is not resolvable because marked @external'
    if declared.label is not None and node.field(field) is None:
        return f'field "{at}" is resolved elsewhere while the override label "{declared.label}" says so'
    if reach.contextual.get((node.subgraph, node.type_name, field)):
        return f'could not find a match for required context for field "{at}"'
    if declared.requires is not None:
        return f'cannot satisfy @requires conditions on field "{at}"'
    return _absent(at)


def _no_entry(table: SubgraphType, subgraph: str, at: str, type_name: str, origin: str) -> str:
    if not table.keys:
        return f'which has field "{at}", because type "{type_name}" has no @key defined in subgraph "{subgraph}"'
    resolvable = [key.fields for key in table.keys if key.resolvable]
    if not resolvable:
        return f'which has field "{at}", because no @key of type "{type_name}" is resolvable there'
    keys = " or ".join(f'@key(fields: "{fields}")' for fields in resolvable)
    return f'using {keys} of "{type_name}", because the key field(s) cannot be resolved from "{origin}"'
