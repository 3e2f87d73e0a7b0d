"""The compiled executor: Python source generated once per plan, run for every request.

Generated code handles well-formed data only. Whatever surprises it raises, and the reference implementation
decides; so both give the same answer by construction where data are odd and by tests where they are not.
"""

from gateway.executor.compiled.program import Program, compile_plan

__all__ = ["Program", "compile_plan"]
