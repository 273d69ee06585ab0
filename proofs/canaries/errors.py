"""Errors that quote everything, of the kinds that databases, HTTP clients and validators raise."""

from __future__ import annotations

import json
from typing import Any, Literal

import httpx
import psycopg
import requests
import stripe
from botocore.exceptions import ClientError
from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy.exc import IntegrityError

from proofs.canaries.person import CANARIES, EMAIL, FILE_NAME, LAST_FOUR, NAME, QUOTE
from rightsflow.domain.errors import Permanent


def errors() -> dict[str, BaseException]:
    """New ones each time, since raising an error changes it; by a label."""
    return {
        "a plain message": ValueError(f"cannot read {QUOTE}"),
        "a database's constraint": IntegrityError(
            f"INSERT INTO calls VALUES ('{QUOTE}')", {"who": QUOTE}, ValueError(QUOTE)
        ),
        "a driver's constraint": psycopg.errors.UniqueViolation(
            f'duplicate key value violates unique constraint "who"\nDETAIL:  Key (who)=({QUOTE}) already exists.'
        ),
        "an HTTP error's body": _http_error(),
        "another client's HTTP error": _other_http_error(),
        "a validation": _validation(),
        "a cause and a context": _chain(),
        "a group": ExceptionGroup(QUOTE, [ValueError(QUOTE), OSError(5, QUOTE, FILE_NAME), _chain()]),
        "a vendor's error": _vendor_error(),
        "another vendor's error": _store_error(),
        "bytes that cannot be decoded": UnicodeDecodeError("ascii", QUOTE.encode(), 0, 1, QUOTE),
        "a missing key": KeyError(QUOTE),
        "a missing file": FileNotFoundError(2, "No such file", FILE_NAME, None, QUOTE),
        "notes": _noted(),
        "an error of ours with a cause": _ours(),
        "an error that cannot be copied": Unpicklable(QUOTE, NAME),
        "a panic": Panic(QUOTE),
        "a group with a panic": BaseExceptionGroup(QUOTE, [Panic(QUOTE), ValueError(QUOTE)]),
        "an exit": SystemExit(QUOTE),
    }


class Panic(BaseException):
    """No ``Exception``, as what such a library raises when it fails in an unforeseen way."""


class Unpicklable(Exception):
    """Takes other arguments than it keeps, as many vendors' errors do."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")
        self.hook = lambda: (first, second)


def _http_error() -> Exception:
    response = requests.Response()
    response.status_code, response.url, response.reason = 422, f"https://crm.example.com/search?query={EMAIL}", QUOTE
    response._content = json.dumps({"error": QUOTE}).encode()
    response.headers["X-Who"] = EMAIL
    response.request = requests.Request("POST", response.url, json={"who": QUOTE}).prepare()
    try:
        response.raise_for_status()
    except requests.HTTPError as error:
        return error
    raise AssertionError("422 is an error")


def _vendor_error() -> Exception:
    said = {"http_body": QUOTE, "json_body": {"who": QUOTE}, "headers": {"request-id": QUOTE}}
    return stripe.InvalidRequestError(QUOTE, param=EMAIL, **said)  # type: ignore[no-untyped-call]


def _store_error() -> Exception:
    said: Any = {"Error": {"Code": "NoSuchKey", "Message": QUOTE}, "ResponseMetadata": {"RequestId": QUOTE}}
    return ClientError(said, "GetObject")


def _other_http_error() -> Exception:
    request = httpx.Request("POST", f"https://crm.example.com/search?query={EMAIL}", json={"who": QUOTE})
    response = httpx.Response(500, json={"error": QUOTE}, request=request)
    return httpx.HTTPStatusError(QUOTE, request=request, response=response)


def _validation() -> Exception:
    class Contact(BaseModel):
        number: Literal["none"]

    try:
        TypeAdapter(list[Contact]).validate_python(
            [{"number": value} for value in (*CANARIES.values(), *QUOTE.split(), f"ending {LAST_FOUR}")]
        )
    except ValidationError as error:
        return error
    raise AssertionError("it is no number")


def _chain() -> Exception:
    first, second, last = KeyError(QUOTE), LookupError(QUOTE), RuntimeError(QUOTE)
    second.__context__, last.__cause__ = first, second
    return last


def _noted() -> Exception:
    error = TypeError("it says:")
    error.add_note(QUOTE)
    return error


def _ours() -> Exception:
    # A vendor, or a proxy before it, may repeat in the id what it was asked.
    error = Permanent("The system did not accept a call; a person must look.", system="calls", request_id=QUOTE)
    error.__cause__ = _chain()
    return error
