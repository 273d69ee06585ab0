"""How long what belongs to a case is kept, and how it is purged."""
