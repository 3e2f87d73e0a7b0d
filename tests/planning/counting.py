"""Owns what a plan costs: its requests, and its waves, which is how many requests stand one after the other."""

from __future__ import annotations

from gateway.planner.nodes import Condition, Defer, Fetch, Parallel, PlanNode, Sequence, Subscription

Cost = tuple[int, int]


def cost(node: PlanNode | None) -> Cost:
    """Requests and waves; of a condition both branches, since either may run."""
    match node:
        case None:
            return 0, 0
        case Fetch():
            return 1, 1
        case Sequence(nodes):
            costs = [cost(each) for each in nodes]
            return sum(each[0] for each in costs), sum(each[1] for each in costs)
        case Parallel(nodes):
            costs = [cost(each) for each in nodes]
            return sum(each[0] for each in costs), max(each[1] for each in costs)
        case Condition(_, if_true, if_false):
            yes, no = cost(if_true), cost(if_false)
            return yes[0] + no[0], max(yes[1], no[1])
        case Subscription(_, rest):
            requests, waves = cost(rest)
            return 1 + requests, 1 + waves
        case Defer(primary, deferred):
            costs = [cost(part.node) for part in deferred]
            requests, waves = cost(primary)
            return requests + sum(each[0] for each in costs), waves + max((each[1] for each in costs), default=0)
