"""From URL parameters to a validated query, to SQL, to a page of records."""
