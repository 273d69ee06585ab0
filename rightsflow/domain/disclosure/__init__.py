"""Disclosure: the content of a record that a person receives, and the redactions in it (Art. 15(4) GDPR)."""
