"""The clock of one task: a reminder before its deadline, an escalation after it, each once per deadline."""
