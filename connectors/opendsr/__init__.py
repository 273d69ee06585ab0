"""Processors that speak OpenDSR 2.0: they are asked for erasures, and what they answer is checked by its signature."""

from connectors.opendsr.client import OpenDsrClient

__all__ = ["OpenDsrClient"]
