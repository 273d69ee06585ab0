"""Instruct the processors that a case concerns, and record what they prove."""
