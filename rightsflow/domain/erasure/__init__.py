"""Which records are erased, which are kept and why (Art. 17 GDPR)."""
