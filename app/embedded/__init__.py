"""The private PostgreSQL that Upheld can run for itself."""
