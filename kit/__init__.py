"""Plumbing of every process: it knows no business word and depends only on `proto`. See README.md in this folder."""
