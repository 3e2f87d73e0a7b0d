"""Targeted routing of events to the pods whose clients listen, and live subscriptions on top of it."""
