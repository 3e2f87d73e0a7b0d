"""One client operation from text to answer, one module per stage: parse, limits, validate, plan, variables, execute.

Everything that depends on the document alone is done once and remembered; a request pays for its variables, its
subgraph calls and its answer.
"""
