"""Plans operations: from a document to the calls that answer it.

Read `plan.py` first: `Planner.stages` is the list of stages. In their order: `normalise/` (one pass a module), `walk`
with `reach`, `ways`, `choose`, `site_builder` and `drafts` (which entry resolves which field, place by place),
`fetch_graph` with `scope` and `output` (one step for each call), `optimise/` (one pass a module), `assemble` with
`printing` (plan nodes and documents), and beside them `project` (what the client gets). `soundness` checks a finished
plan; `dump` shows every stage as text; `nodes` is what executors see.
"""
