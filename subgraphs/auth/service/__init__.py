"""Use cases, one function per verb, over the ports that they need."""
