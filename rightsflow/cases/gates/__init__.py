"""What the gates show, and what becomes of a decision."""
