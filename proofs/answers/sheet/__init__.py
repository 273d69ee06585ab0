"""The case sheet and the forms of the gates, against the case file."""
