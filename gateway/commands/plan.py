"""`python -m gateway plan`: the plan of an operation as text, or with `--stages` everything that led to it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from graphql import DocumentNode, GraphQLError, parse, validate

from gateway.planner.dump import dump_fetch_graph, dump_plan, dump_projection, dump_site
from gateway.planner.errors import PlanningFailed
from gateway.planner.plan import Planner, Stages
from gateway.supergraph.errors import InvalidSupergraph
from gateway.supergraph.parse import parse_supergraph


def main(arguments: list[str]) -> int:
    """Exit status 0: planned, 1: the operation cannot be planned, 2: an input cannot be read."""
    options = _parser().parse_args(arguments)
    try:
        supergraph = parse_supergraph(Path(options.supergraph).read_text())
        document = parse(Path(options.query).read_text())
    except (OSError, UnicodeDecodeError, InvalidSupergraph, GraphQLError) as error:
        print(error, file=sys.stderr)
        return 2
    return _plan(Planner(supergraph), document, options)


def _plan(planner: Planner, document: DocumentNode, options: argparse.Namespace) -> int:
    problems = validate(planner.supergraph.api_schema, document)
    if problems:
        print("\n".join(problem.message for problem in problems), file=sys.stderr)
        return 1
    try:
        deferring = None if options.at_once else options.true
        stages = planner.stages(document, options.operation, options.label, deferring)
    except PlanningFailed as failure:
        print(f"{failure.code}: {failure.message}", file=sys.stderr)
        return 1
    print(show_stages(stages) if options.stages else dump_plan(stages.plan))
    return 0


def show_stages(stages: Stages) -> str:
    """Every stage under its heading."""
    parts = {
        "normalised operation": stages.operation.wanted.text,
        "chosen ways": "\n".join(dump_site(site) for site in stages.sites),
        "fetch graph": dump_fetch_graph(stages.fetch_graph),
        "plan": dump_plan(stages.plan),
        "projection": dump_projection(stages.plan.projection),
    }
    return "\n\n".join(f"# {title}\n{text}" for title, text in parts.items())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m gateway plan", description=__doc__)
    parser.add_argument("--supergraph", required=True, help="the supergraph's SDL")
    parser.add_argument("--query", required=True, help="the document to plan")
    parser.add_argument("--operation", help="the operation's name, where the document has several")
    parser.add_argument("--label", action="append", default=[], help="an active override label; may be repeated")
    parser.add_argument("--true", action="append", default=[], help="a variable that is true, for @defer(if: ...)")
    parser.add_argument("--at-once", action="store_true", help="plan as for a client that takes no deferred parts")
    parser.add_argument("--stages", action="store_true", help="show every stage")
    return parser
