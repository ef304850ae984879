"""HTTP: problems, negotiation, compression, caching, logs and metrics."""
