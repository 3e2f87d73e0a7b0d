"""GraphQL over the use cases: one module per noun, resolvers that only translate."""
