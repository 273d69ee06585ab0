"""Stripe's SDK, made fit for personal data: quiet, pinned, bounded in time and retries."""

from __future__ import annotations

import logging
import os

import stripe
from stripe import RequestsClient, StripeClient

from connectors.http import Patience, guarded_session
from connectors.stripe.settings import StripeSettings
from rightsflow.domain.errors import Misconfigured

API_VERSION = "2026-10-28.endive"
"""The version that requests are made in and answers are read in, whatever the account's default is."""

PREVIEW_VERSION = "2026-04-22.preview"
"""The version of the redaction jobs, which are a public preview."""

NETWORK_RETRIES = 2
"""Repeats of one call by the SDK (connection faults, 409, 5xx); no one else repeats a single call."""

_LONGEST_CONNECT = 10.0


class _Silence(logging.Filter):
    """Drops the SDK's own lines: they hold URLs with e-mail addresses, request bodies and messages."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


_SILENCE = _Silence()


def build_client(settings: StripeSettings, http: RequestsClient) -> StripeClient:
    """A client with the key as it is now, so that a rotated key is picked up.

    Args:
        settings: The account.
        http: The HTTP client, kept by the caller for its connections.

    Raises:
        Misconfigured: The key cannot be read or is not a secret one, or the SDK is told to print requests.
    """
    _keep_quiet()
    key = settings.api_key.reveal()
    check_key(key)
    return StripeClient(
        key,
        stripe_account=settings.stripe_account or None,
        stripe_version=API_VERSION,
        base_addresses={"api": settings.api_base},
        max_network_retries=NETWORK_RETRIES,
        http_client=http,
    )


def build_http(settings: StripeSettings) -> RequestsClient:
    """Return the HTTP client: TLS verified, bounds of time and bytes, and no host but Stripe's."""
    connect = min(settings.timeout, _LONGEST_CONNECT)
    patience = Patience(
        connect_seconds=connect, read_seconds=settings.timeout, retries=0, bounds=settings.answer_bounds
    )
    session = guarded_session([settings.api_base], patience=patience, hosts=())
    return RequestsClient(timeout=(connect, settings.timeout), session=session)


def check_key(key: str) -> None:
    """Hold that it is a key that a server may use, before it is sent anywhere.

    Raises:
        Misconfigured: It is a publishable key or none at all.
    """
    if key.startswith("pk_"):
        raise Misconfigured("The key api_key is a publishable one (pk_…); use a restricted key (rk_…).")
    if not key.startswith(("sk_", "rk_")):
        raise Misconfigured("The key api_key is not one of Stripe's; use a restricted key (rk_…).")


def _keep_quiet() -> None:
    # The SDK prints whole requests on stderr when it is told so, which no filter can hold.
    if os.environ.get("STRIPE_LOG") or stripe.log:
        raise Misconfigured("STRIPE_LOG would print personal data; unset the variable.")
    stripe.enable_telemetry = False
    logger = logging.getLogger("stripe")
    if _SILENCE not in logger.filters:
        logger.addFilter(_SILENCE)
