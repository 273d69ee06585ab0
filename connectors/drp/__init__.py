"""Data Rights Protocol 1.0: the signed envelope in which agents send what they ask."""

from connectors.drp.envelope import open_envelope

__all__ = ["open_envelope"]
