"""The canary: a made-up person with distinctive values, their records, and errors that quote all of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

import httpx
import psycopg
import requests
import stripe
from botocore.exceptions import ClientError
from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy.exc import IntegrityError

from rightsflow.domain.errors import Permanent
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.requesters import Requester
from rightsflow.domain.vocabulary.records import Fact
from rightsflow.testing.fakes import FakeRecord, FakeSystem

EMAIL, TYPED_EMAIL = "zoe.pfuetzenreuter@example.com", "Zoe.Pfuetzenreuter@Example.com"
PHONE, TYPED_PHONE, OTHER_PHONE = "+493023125661", "030 / 23125 661", "+493023125662"
RIGHT_PHONE, RIGHT_ADDRESS = "+493023125669", "Quittenblütenpfad 9c, 10997 Berlin"
NAME = "Zoë Pfützenreuter-Ångström"
ADDRESS = "Übelgönnegasse 147b, 10997 Berlin"
IBAN, GROUPED_IBAN = "DE53999500000774102938", "DE53 9995 0000 0774 1029 38"
LAST_FOUR = "0742"
BIRTH_DATE, TYPED_BIRTH_DATE = "1961-08-27", "27.08.1961"
NUMBER, OTHER_NUMBER, ACCOUNT = "KD-77310294-ZQ", "HD-ZQ-88420157", "cus_ZoePfuetz77310294"
TEXT = "the violet hedgehog samovar hisses at midnight"
TRANSCRIPT = "a cobalt walrus counted forty teaspoons twice"
FILE_NAME = "call-493023125662-pfuetzenreuter.wav"
DOUBTFUL_NAME, DOUBTFUL_EMAIL = "Quirin Øksendal-Wrzosek", "quirin.oeksendal@example.org"
DOUBTFUL_TEXT = "an ochre pelican rented the upstairs lighthouse"
MESSAGE = "a maroon badger auctioned the brass submarine"
ATTACHMENT, ATTACHED = "scan-of-the-teal-ferret.txt", "an umber heron folded every deckchair"
NOTE = "an indigo stoat mistuned the harpsichord"

CANARIES = {
    "e-mail": EMAIL, "name": NAME, "last name": "Pfützenreuter", "last name in ASCII": "pfuetzenreuter",
    "phone": PHONE[1:], "phone as typed": TYPED_PHONE, "phone without country": "3023125661",
    "phone, grouped": "23125 661", "second phone": OTHER_PHONE[1:], "right phone": RIGHT_PHONE[1:],
    "right address": "Quittenblütenpfad", "address": ADDRESS, "street": "Übelgönnegasse",
    "date of birth": BIRTH_DATE, "date of birth as typed": TYPED_BIRTH_DATE, "IBAN": IBAN,
    "IBAN, grouped": GROUPED_IBAN, "account of the IBAN": IBAN[-10:], "customer id": NUMBER,
    "second customer id": OTHER_NUMBER, "account id": ACCOUNT, "ticket": TEXT,
    "words of the ticket": "violet hedgehog", "transcript": TRANSCRIPT, "words of the transcript": "cobalt walrus",
    "file name": FILE_NAME, "name in a record in doubt": DOUBTFUL_NAME,
    "e-mail in a record in doubt": DOUBTFUL_EMAIL, "record in doubt": DOUBTFUL_TEXT, "message": MESSAGE,
    "name of an attachment": ATTACHMENT, "attachment": ATTACHED, "note": NOTE,
}  # fmt: skip
"""What must not be met, by a label; compared without case."""
SHORT = {"last four": LAST_FOUR}
"""What counts only where it stands by itself."""

QUOTE = (
    f"{TYPED_EMAIL} {NAME}, {ADDRESS}, {TYPED_PHONE} {PHONE} {OTHER_PHONE} {NUMBER} {OTHER_NUMBER} "
    f"{ACCOUNT} {IBAN} {GROUPED_IBAN.lower()} card ending in {LAST_FOUR}; {FILE_NAME}: {TEXT}; {TRANSCRIPT}; "
    f"{RIGHT_PHONE} {RIGHT_ADDRESS}; {BIRTH_DATE} {TYPED_BIRTH_DATE}; {DOUBTFUL_NAME} {DOUBTFUL_EMAIL}: {DOUBTFUL_TEXT}"
    f"; {MESSAGE}; {ATTACHMENT}: {ATTACHED}; {NOTE}"
)
"""Everything in one text, as an error might quote it."""
REASON = f"Called back {OTHER_PHONE}; {NAME} of {ADDRESS} named the violet hedgehog and the card ending in {LAST_FOUR}."
"""What a person types where a reason is asked for."""
CORRECTIONS = (
    f"phone | {OTHER_PHONE} | {RIGHT_PHONE} | {REASON} | {FILE_NAME}\n"
    f"address | {ADDRESS} | {RIGHT_ADDRESS} | {TEXT} | {TRANSCRIPT}"
)
"""What the person wants corrected."""
RULINGS = f"1: accept\n2: complete | {RIGHT_ADDRESS}, says {NAME}"
"""What is decided on that."""
TYPED_AT_REVEAL = "rita-was-asked-by-the-person-themself"
"""What a person types who looks at what is sealed."""
FORM: dict[str, Any] = {
    "email": TYPED_EMAIL, "phone": TYPED_PHONE, "customer_id": NUMBER, "account_id": ACCOUNT,
    "account_system": "payments", "name": NAME,
}  # fmt: skip
"""What the person gives where a request is entered."""


def requester(asked_on: str) -> Requester:
    """Return the person as the helpdesk has them on file, for a ticket."""
    kinds = {
        IdentifierKind.EMAIL: TYPED_EMAIL,
        IdentifierKind.PHONE: TYPED_PHONE,
        IdentifierKind.CUSTOMER_ID: NUMBER,
        IdentifierKind.NAME: NAME,
    }
    named = {identifier(kind, value, country="DE") for kind, value in kinds.items()}
    account = identifier(IdentifierKind.ACCOUNT_ID, ACCOUNT, issuer="payments")
    return Requester(
        identifiers=frozenset(named | {account}), asked_at=datetime.fromisoformat(f"{asked_on}T09:00+01:00")
    )


def fill(systems: Mapping[str, FakeSystem]) -> None:
    """Put the person's records into all three systems, joined by e-mail → customer ids and phone → account."""
    profile = frozenset({
        identifier(IdentifierKind.EMAIL, EMAIL), identifier(IdentifierKind.PHONE, OTHER_PHONE),
        identifier(IdentifierKind.CUSTOMER_ID, NUMBER), identifier(IdentifierKind.CUSTOMER_ID, OTHER_NUMBER),
        identifier(IdentifierKind.NAME, NAME), identifier(IdentifierKind.BIRTH_DATE, BIRTH_DATE),
    })  # fmt: skip
    account = identifier(IdentifierKind.ACCOUNT_ID, ACCOUNT, issuer="payments")
    payer = frozenset({identifier(IdentifierKind.CUSTOMER_ID, NUMBER), account})
    caller = frozenset({identifier(IdentifierKind.PHONE, OTHER_PHONE)})
    systems["helpdesk"].add(
        FakeRecord(kind="profile", key=EMAIL, texts=((profile, f"profile of {NAME}, {ADDRESS}"),)),
        FakeRecord(kind="ticket", key="z1", profile=EMAIL, texts=((profile, TEXT),)),
    )
    systems["payments"].add(
        FakeRecord(kind="profile", key=ACCOUNT, texts=((payer, f"{NAME} {GROUPED_IBAN}"),)),
        FakeRecord(
            kind="invoice",
            key="in_1",
            profile=ACCOUNT,
            texts=((payer, f"{TEXT}, paid by the card ending in {LAST_FOUR} and from {IBAN}"),),
            occurred_on=date(2026, 1, 10),
            facts=frozenset({Fact.ACCOUNTING}),
        ),
    )
    systems["calls"].add(
        FakeRecord(kind="recording", key=FILE_NAME, texts=((caller, TRANSCRIPT),), audio=TRANSCRIPT.encode() * 50)
    )


def fill_doubtful(systems: Mapping[str, FakeSystem]) -> None:
    owner = frozenset(
        {
            identifier(IdentifierKind.EMAIL, DOUBTFUL_EMAIL),
            identifier(IdentifierKind.CUSTOMER_ID, NUMBER),
            identifier(IdentifierKind.NAME, DOUBTFUL_NAME),
        }
    )
    systems["payments"].add(FakeRecord(kind="profile", key="in doubt", texts=((owner, DOUBTFUL_TEXT),)))


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
