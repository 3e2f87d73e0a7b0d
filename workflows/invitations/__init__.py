"""The life of one invitation: a reminder four days before its end, and its end, each once per sending."""
