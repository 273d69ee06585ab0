"""The strangers' proof: real systems full of neighbours, and what access and erasure of some do to the others."""
