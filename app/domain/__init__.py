"""What a record is: words, records and periods. Pure."""
