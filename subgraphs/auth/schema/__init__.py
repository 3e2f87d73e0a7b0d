"""The GraphQL face: Strawberry types by noun, root query and mutation."""
