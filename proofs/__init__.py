"""Proofs that judge what Rightsflow did by means of their own."""
