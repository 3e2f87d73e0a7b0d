"""Commands of an operator against a running product; each needs only the address of the engine it works on."""
