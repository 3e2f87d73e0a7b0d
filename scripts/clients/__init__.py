"""Clients of the product for benchmarks and fault runs: they talk to the gateways like anybody else."""
