"""Faces for clients that do not speak GraphQL; each is made of operations that the gateway runs."""
