"""Runs a plan: the first time by the reference executor, from then on compiled.

Compiling costs as much as several runs; an operation that comes once should not pay for it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from gateway.executor import reference
from gateway.executor.compiled import Program, compile_plan
from gateway.executor.ports import SubgraphClient
from gateway.executor.run import Batch, Outcome, Request
from gateway.planner.nodes import QueryPlan


class Runner:
    """One plan, to be run any number of times."""

    def __init__(self, plan: QueryPlan, *, pass_replies: bool = False) -> None:
        self.plan = plan
        self._pass_replies = pass_replies
        self._program: Program | None = None
        self._seen = False

    async def execute(self, request: Request, client: SubgraphClient) -> Outcome:
        """Answers at once: for a plan without deferred parts."""
        program = self._compiled()
        if program is None:
            return await reference.execute(self.plan, request, client)
        return await program.execute(request, client)

    def execute_in_parts(self, request: Request, client: SubgraphClient) -> AsyncGenerator[Outcome | Batch, None]:
        """The first answer and then the deferred parts. Closing the generator gives up what is under way."""
        program = self._compiled()
        if program is None:
            return reference.execute_in_parts(self.plan, request, client)
        return program.execute_in_parts(request, client)

    def _compiled(self) -> Program | None:
        """The program from the second time on."""
        if self._program is None:
            if not self._seen:
                self._seen = True
                return None
            self._program = compile_plan(self.plan, pass_replies=self._pass_replies)
        return self._program
