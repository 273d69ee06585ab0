"""Proof of how a request was handled: the ledger, the evidence and their signatures."""
