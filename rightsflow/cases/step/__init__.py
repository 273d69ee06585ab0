"""One step of a case: done once, alone, a few at a time."""
