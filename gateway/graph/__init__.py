"""The query graph: types as subgraphs know them, the fields they resolve and the entries between them."""
