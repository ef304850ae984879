"""Upheld: police-misconduct figures, each pinned to the passage it came from."""
