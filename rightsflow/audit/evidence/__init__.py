"""Evidence: what the ledger proves of a case, in a form that a supervisory authority can read and check by itself."""
