"""What a case remembers: its states, its records, and what became of each."""
