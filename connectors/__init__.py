"""Adapters, one per system, behind the contract of ``rightsflow.domain.connector``."""
