"""Entities, rules and events of accounts and workspaces: pure, no I/O, no clock, no await."""
