"""Invented requests, records and dates for the tests of the case store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from rightsflow.domain.deadlines import ClockInput
from rightsflow.domain.deadlines.case_dates import CaseDates, case_dates
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.identifiers import identifier as normalised
from rightsflow.domain.request import Channel, Request
from rightsflow.domain.vocabulary.records import Fact, Located, RecordRef
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store import Store

T = TypeVar("T")

SECRET = bytes(range(32))
BERLIN = ZoneInfo("Europe/Berlin")
RECEIVED = datetime(2026, 11, 20, 9, 30, tzinfo=BERLIN)
OWNER = "case_owner"

EMAIL = Identifier(IdentifierKind.EMAIL, "anna.quill@example.com")
PHONE = Identifier(IdentifierKind.PHONE, "+4930901820")
CUSTOMER = Identifier(IdentifierKind.CUSTOMER_ID, "C-10017")
NAME = Identifier(IdentifierKind.NAME, "Anna Quillfeather")
OTHER_EMAIL = Identifier(IdentifierKind.EMAIL, "boris.stone@example.com")


@dataclass
class Clock:
    """A clock that shows one instant until the test moves it."""

    moment: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def pass_time(self, amount: timedelta) -> None:
        self.moment += amount


def request(*identifiers: Identifier, **changes: Any) -> Request:
    made = Request(
        right=Right.ACCESS,
        identifiers=frozenset(identifiers or {EMAIL}),
        received_at=RECEIVED,
        channel=Channel.EMAIL,
        opened_by="Olga Opener",
    )
    return replace(made, **changes)


def dates(received_at: datetime = RECEIVED) -> CaseDates:
    return case_dates(ClockInput(received_at=received_at, zone=BERLIN, country="DE"))


DATES = dates()


def opened(store: Store, *identifiers: Identifier, intake_id: str = "", **changes: Any) -> str:
    """Open a case and return its id."""
    made = request(*identifiers, **changes)
    dated = dates(made.received_at) if "received_at" in changes else DATES
    return opened_as(store, made, dated, OWNER, intake_id)


def opened_as(store: Store, made: Request, dated: CaseDates, owner: str, intake_id: str = "") -> str:
    """Open the case of a request, or find that of its intake."""
    with store.opening() as opening:
        opening.look_up([made], [intake_id])
        return opening.case_of(intake_id) or opening.open(made, dated, owner, intake_id).case_id


def twins(store: Store, identifiers: Identifiers, right: Right = Right.ACCESS) -> list[str]:
    """The open cases for the same right that were asked for with one of these."""
    made = request(right=right, identifiers=identifiers)
    with store.opening() as opening:
        opening.look_up([made])
        return opening.twins(made)


def ref(key: str, system: str = "helpdesk", kind: str = "ticket") -> RecordRef:
    return RecordRef(system, kind, key)


def located(
    key: str,
    *owner: Identifier,
    system: str = "helpdesk",
    kind: str = "ticket",
    via: RecordRef | None = None,
    facts: Sequence[Fact] = (),
    occurred_on: date | None = date(2026, 1, 10),
) -> Located:
    return Located(
        record=ref(key, system, kind),
        category="service tickets",
        owner=Identifiers(owner),
        via=via,
        facts=frozenset(facts),
        occurred_on=occurred_on,
    )


def email(name: str) -> Identifier:
    return normalised(IdentifierKind.EMAIL, f"{name}@example.com")


def at_once(count: int, work: Callable[[int], T]) -> list[T | Exception]:
    """Do the work in so many threads that all start at the same moment; gives what each returned or raised."""
    start = Barrier(count)

    def one(number: int) -> T | Exception:
        start.wait()
        try:
            return work(number)
        except Exception as error:  # noqa: BLE001 - the test judges it
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
