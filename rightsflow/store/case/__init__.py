"""The case file and its parts: everything remembered of one case."""
