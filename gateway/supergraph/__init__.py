"""The model of a supergraph: its subgraphs' tables, and the schema that clients see."""
