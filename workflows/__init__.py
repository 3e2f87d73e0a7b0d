"""Durable time: workflows that outlive every process, the feeder that starts them, the worker that runs them."""
