"""What a record is: its fields, their allowed values, and periods. No I/O."""
