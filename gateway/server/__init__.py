"""The ASGI edge: GraphQL over HTTP, graphql-transport-ws, SSE, multipart, GraphiQL; Strawberry's view in front.

Nothing a client sends reaches the pipeline unread: sizes, types and media types are settled here.
"""
