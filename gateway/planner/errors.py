"""Owns the errors of planning: each has a code that clients can match on."""

from __future__ import annotations


class PlanningFailed(Exception):
    """The operation cannot be planned."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class UnknownOperation(PlanningFailed):
    """The document has no such operation, or several and none was named."""

    def __init__(self, message: str) -> None:
        super().__init__("OPERATION_RESOLUTION_FAILURE", message)


class NoPath(PlanningFailed):
    """No combination of subgraph calls reaches a field."""

    def __init__(self, where: str) -> None:
        super().__init__("QUERY_PLAN_NO_PATH", f"No combination of subgraph calls reaches {where}.")


class TooComplex(PlanningFailed):
    """The search for a plan used up its budget."""

    def __init__(self, budget: int) -> None:
        super().__init__(
            "QUERY_PLAN_TOO_COMPLEX", f"The search for a plan was ended after {budget} steps; ask for less at once."
        )
