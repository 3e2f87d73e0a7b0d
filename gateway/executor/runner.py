"""Runs a plan: the first time by the reference executor, from then on compiled.

Compiling costs as much as several runs; an operation that comes once should not pay for it.
"""

from __future__ import annotations

from gateway.executor import reference
from gateway.executor.compiled import Program, compile_plan
from gateway.executor.ports import SubgraphClient
from gateway.executor.run import Outcome, Request
from gateway.planner.nodes import QueryPlan


class Runner:
    """One plan, to be run any number of times."""

    def __init__(self, plan: QueryPlan) -> None:
        self.plan = plan
        self._program: Program | None = None
        self._seen = False

    async def execute(self, request: Request, client: SubgraphClient) -> Outcome:
        if self._program is None:
            if not self._seen:
                self._seen = True
                return await reference.execute(self.plan, request, client)
            self._program = compile_plan(self.plan)
        return await self._program.execute(request, client)
