"""Where people decide, and what a decision needs (Art. 12 GDPR)."""
