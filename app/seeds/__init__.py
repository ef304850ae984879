"""From seed files to a checked dataset, with every problem reported. No web, no database."""
