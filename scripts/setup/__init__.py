"""From a bare machine to an environment in which everything else runs; the standard library is all it may use."""
