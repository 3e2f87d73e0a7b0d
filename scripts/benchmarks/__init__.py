"""Benchmarks: each starts what it measures, prints a table, and stops it again."""
