"""OpenDSR 2.0: processors are asked over it, what they answer is checked, and controllers are called back."""

from connectors.opendsr.callbacks import post_callback
from connectors.opendsr.client import OpenDsrClient
from connectors.opendsr.revocation import RevocationLists
from connectors.opendsr.signing import Signer

__all__ = ["OpenDsrClient", "RevocationLists", "Signer", "post_callback"]
