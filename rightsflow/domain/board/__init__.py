"""The deadline board: a case's light, its group, and its row in words. Pure."""
