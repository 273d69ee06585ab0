"""The retention and the purge of a case's data."""
