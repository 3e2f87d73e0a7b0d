"""The engines that TaskFlow stands on, as real servers from package registries; no container engine is needed.

One module per engine says how it is had, started, asked for readiness and addressed; `server` starts, stops, kills and
restarts any of them; `run` shares one set of them among the processes of a development start or a test run.
"""
