"""The rules of projects, tasks and comments: pure, no I/O, no clock of their own."""
