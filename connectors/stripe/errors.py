"""Stripe's errors and their meaning for a case, as data: exception class, HTTP status and code → how to recover.

Source: the error table of Stripe's API reference and ``stripe-python``'s ``_api_requestor.py``. An easy slip: a 409 is
an ``APIError`` there, and ``RateLimitError`` and others lose the code, so it is read from the body here. The vendor's
message never leaves this module, since it may quote an e-mail address.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

import requests
import stripe

from connectors.bounds import out_of_bounds
from rightsflow.domain.errors import (
    ConnectorError,
    Misconfigured,
    Permanent,
    RightsflowError,
    Transient,
    safe_request_id,
)

_TRY_LATER = frozenset({409, 424}) | frozenset(range(500, 600))
_ANY = range(1000)
_RIGHT = re.compile(r"\brak_[a-z_]{1,60}\b")
_UNKNOWN = (
    "Stripe does not know this list or object; check api_base, and name a list that the account does not have in the "
    "key unavailable."
)


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """A row of the table; the first that matches decides.

    Args:
        raised: The SDK's exception.
        becomes: What leaves the connector.
        says: The sentence with how to fix it.
        statuses: The HTTP statuses it is about.
        codes: The error codes it is about; empty for any.
    """

    raised: type[stripe.StripeError]
    becomes: type[RightsflowError]
    says: str
    statuses: Container[int] = _ANY
    codes: frozenset[str] = frozenset()


RULES = (
    ErrorRule(
        stripe.APIConnectionError,
        Transient,
        "Stripe could not be reached or did not answer in time; the call is tried again later.",
    ),
    ErrorRule(
        stripe.RateLimitError,
        Transient,
        "Another call has locked the object at Stripe; the call is tried again later.",
        codes=frozenset({"lock_timeout"}),
    ),
    ErrorRule(stripe.RateLimitError, Transient, "Stripe's rate limit is reached; the call is tried again later."),
    ErrorRule(
        stripe.IdempotencyError,
        Permanent,
        "Stripe has seen the idempotency key with other content; run the step again after 24 hours.",
    ),
    ErrorRule(
        stripe.AuthenticationError,
        Misconfigured,
        "Stripe's API key has expired; put the new one where api_key points.",
        codes=frozenset({"api_key_expired"}),
    ),
    ErrorRule(
        stripe.AuthenticationError,
        Misconfigured,
        "Stripe refused the API key; put a valid secret or restricted key of this account where api_key points.",
    ),
    ErrorRule(
        stripe.PermissionError,
        Misconfigured,
        "The API key lacks a right at Stripe; grant it to the restricted key in the Dashboard.",
    ),
    ErrorRule(
        stripe.InvalidRequestError,
        Misconfigured,
        "The API key is for another mode (test or live) than the account; use a key of the right mode.",
        codes=frozenset({"testmode_charges_only", "other_mode"}),
    ),
    ErrorRule(
        stripe.InvalidRequestError,
        Permanent,
        _UNKNOWN,
        frozenset({404}),
    ),
    ErrorRule(
        stripe.InvalidRequestError,
        Permanent,
        "Stripe did not accept the call; look it up by its request id in the Dashboard and report it.",
    ),
    ErrorRule(
        stripe.APIError, Transient, "Stripe has a fault or a conflict; the call is tried again later.", _TRY_LATER
    ),
    # A proxy or an imitation in Stripe's place answers an unknown address without Stripe's error object.
    ErrorRule(stripe.APIError, Permanent, _UNKNOWN, frozenset({404})),
)
OTHERWISE = ErrorRule(
    stripe.StripeError,
    Permanent,
    "The answer is not one of Stripe's; check api_base and any proxy between.",
)
_UNTRUSTED = ErrorRule(
    stripe.APIConnectionError,
    Misconfigured,
    "The TLS certificate of api_base is not trusted; check api_base and any proxy between.",
)


def translate(error: stripe.StripeError, *, system: str, operation: str) -> RightsflowError:
    """Turn an error of the SDK into one of ours; raise it ``from None``."""
    if broken := out_of_bounds(error):
        return broken.as_error(system, operation)
    code, status = code_of(error), error.http_status or 0
    rule = _rule(error, status, code)
    request_id = request_id_of(error)
    shown = " ".join(part for part in (str(status or ""), code) if part)
    if not issubclass(rule.becomes, ConnectorError):
        mark = f" (request {request_id})" if request_id else ""
        return rule.becomes(rule.says.removesuffix(".") + _missing_right(error) + mark + ".")
    fault = rule.becomes(rule.says, system=system, operation=operation, status=shown, request_id=request_id)
    if isinstance(fault, Transient):
        fault.retry_after = _seconds(error)
    return fault


def request_id_of(answer: stripe.StripeError | stripe.StripeResponse) -> str:
    """Stripe's id of a request, hashed where it may quote data, or nothing."""
    return safe_request_id(answer.request_id or "")


def code_of(error: stripe.StripeError) -> str:
    """The error's code, from the body where the SDK loses it; ``other_mode`` for an id of the other mode."""
    if error.http_status == 404 and "similar object exists in" in (error.user_message or ""):
        return "other_mode"
    return str(error.code or _body(error).get("code") or "")


def is_gone(error: stripe.StripeError) -> bool:
    """Return whether a 404 means that the object does not exist, and not the address or the mode.

    An unknown address has no code and begins with "Unrecognized request URL"; an id of the other mode is
    ``resource_missing`` like a deleted one, and differs only in its text.
    """
    if not isinstance(error, stripe.InvalidRequestError) or error.http_status != 404:
        return False
    unknown_address = (error.user_message or "").startswith("Unrecognized request URL")
    return not unknown_address and code_of(error) in {"", "resource_missing"}


def _rule(error: stripe.StripeError, status: int, code: str) -> ErrorRule:
    if isinstance(error, stripe.APIConnectionError) and isinstance(error.__context__, requests.exceptions.SSLError):
        return _UNTRUSTED
    for rule in RULES:
        if isinstance(error, rule.raised) and status in rule.statuses and (not rule.codes or code in rule.codes):
            return rule
    return OTHERWISE


def _body(error: stripe.StripeError) -> dict[str, object]:
    body = error.json_body
    inner = body.get("error") if isinstance(body, dict) else None
    return inner if isinstance(inner, dict) else {}


def _missing_right(error: stripe.StripeError) -> str:
    """Return the name of the missing right in a 403; nothing else of the message is used."""
    found = _RIGHT.search(error.user_message or "") if isinstance(error, stripe.PermissionError) else None
    return f" (missing: {found.group()})" if found else ""


def _seconds(error: stripe.StripeError) -> float | None:
    """Return the seconds of ``Retry-After``; Stripe documents none, but a proxy in between may send one."""
    asked = (error.headers or {}).get("Retry-After", "")
    return float(asked) if asked.isdigit() else None
