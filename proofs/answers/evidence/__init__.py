"""The evidence: its page, its certificate and its export, against the case file."""
