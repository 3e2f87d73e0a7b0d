"""Proof that nothing is lost: clients record what they saw while processes and engines die; a checker decides."""
