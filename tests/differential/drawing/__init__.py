"""Draws random worlds, a module for each kind of thing; `generate.py` has the order."""
