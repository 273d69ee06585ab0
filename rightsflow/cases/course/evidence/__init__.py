"""Prove how a case was handled: evidence bundles, exports and seals."""
