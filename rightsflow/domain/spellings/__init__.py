"""The spellings of identifiers: every identifier that a stored text may hold, and what to search for it by."""
