"""What a record is: its fields, the words they may use, and periods. Pure."""
