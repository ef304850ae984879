"""Releases of the dataset: canonical form, differences, history, publishing, removals. No web, no database."""
