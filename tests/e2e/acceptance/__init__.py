"""The acceptance list of the rules of erasure on real systems."""
