"""The whole product on one machine: engines, every process of ours under one supervisor, a demo workspace.

`./scripts/dev` is its command line; tests start the same stack in a folder of their own.
"""
