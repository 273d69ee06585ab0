"""Cases: states, records, and the outcome of each record."""
