"""Looks straight into the three systems, past the connectors, to judge what became of a person's records."""
