"""Measurements: what Upheld costs, beside other ways to serve the same rows."""
