"""Measured runs: their data and the servers they run against."""
