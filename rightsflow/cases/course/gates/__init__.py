"""The gates' forms, and the effects of decisions."""
