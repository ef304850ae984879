"""What every session with the database sets, whether it reads or loads."""

SESSION_SETTINGS = {
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "client_encoding": "UTF8",
    "standard_conforming_strings": "on",
    "quote_all_identifiers": "off",
}
"""Settings that answers depend on, fixed whatever the server, database, login or environment says."""
