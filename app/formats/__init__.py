"""Output formats: CSV, JSON Lines, Excel, citations, data package, DCAT, PNG."""
