"""From YAML files to checked records, with every problem named. No web, no database."""
