"""The gates' texts, and the effects of decisions."""
