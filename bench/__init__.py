"""Measurements: how fast and how frugal the program is, on a dataset far larger than the real one."""
