"""Lists, searches and counts on large data: a part for each service that keeps them."""
