"""Releases of the dataset: canonical form, differences, history. No web, no database."""
