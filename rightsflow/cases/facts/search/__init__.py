"""Find everything that systems hold of a person."""
