"""PostgreSQL: tables, connections, the loader and the current release."""
