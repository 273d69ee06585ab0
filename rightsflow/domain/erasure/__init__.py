"""Erasure: records to erase, records to retain, and the reasons (Art. 17 GDPR)."""
