"""What figures mean together: comparisons, totals, coverage, warnings. Pure."""
