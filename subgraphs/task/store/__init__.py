"""PostgreSQL behind the ports of the service: one transaction per use case, tenants enforced by row-level security."""
