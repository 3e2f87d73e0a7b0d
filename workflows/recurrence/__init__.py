"""Recurring tasks: a Schedule that is fed its next instants, and the workflow that does whatever a series owes."""
