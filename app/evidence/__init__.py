"""Passages, their digests and the numbers in them. No web, no database."""
