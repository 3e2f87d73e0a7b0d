"""Composing subgraphs into a supergraph: intake, validation, merging, satisfiability.

Pure. `compose` is the way in; every stage is a module or package of its own.
"""

from gateway.composition.compose import Composition, compose
from gateway.composition.intake import SubgraphInput

__all__ = ["Composition", "SubgraphInput", "compose"]
