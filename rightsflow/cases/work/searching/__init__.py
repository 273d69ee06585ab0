"""Searches in the systems: locating records, reading them again, and narrowing to what was asked for."""
