"""What texts say: passages, the numbers in them, drafts of seed files, and verification. No web, no database."""
