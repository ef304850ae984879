"""The forms that records leave in: CSV, citations, data package, DCAT."""
