"""A fake system with a subject, a neighbour who shares a ticket and a number, and a person unknown."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial

from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.vocabulary.records import Fact, Method, RecordRef
from rightsflow.testing.bench import Bench
from rightsflow.testing.fakes import FakeRecord, FakeSystem
from rightsflow.testing.remote import BELONGINGS, SEARCH, FakeRemote

EMAIL = identifier(IdentifierKind.EMAIL, "anna@example.com")
PHONE = identifier(IdentifierKind.PHONE, "+4930901820")
CUSTOMER = identifier(IdentifierKind.CUSTOMER_ID, "C-1001")
ACCOUNT = identifier(IdentifierKind.ACCOUNT_ID, "5", issuer="helpdesk")
OTHER = identifier(IdentifierKind.EMAIL, "ben@example.com")
OTHER_PHONE = identifier(IdentifierKind.PHONE, "+4930901899")
STRANGER = identifier(IdentifierKind.EMAIL, "nobody@example.com")

SUBJECT = frozenset({EMAIL, PHONE, CUSTOMER, ACCOUNT})
NEIGHBOUR = frozenset({OTHER, OTHER_PHONE})
HOUSEMATE = frozenset({identifier(IdentifierKind.EMAIL, "eve@example.com"), PHONE})


def fill(system: FakeSystem) -> None:
    system.add(
        FakeRecord(kind="profile", key="1", texts=((SUBJECT, "Anna Example"),)),
        FakeRecord(kind="profile", key="2", texts=((NEIGHBOUR, "Ben Example"),)),
        # Eve lives with Anna: what hangs on her profile is hers, though Anna's number leads to it.
        FakeRecord(kind="profile", key="3", texts=((HOUSEMATE, "Eve Example"),)),
        FakeRecord(kind="ticket", key="15", profile="3", texts=((HOUSEMATE, "My toaster smokes."),)),
        FakeRecord(kind="ticket", key="11", profile="1", texts=((SUBJECT, "My kettle hums."),)),
        FakeRecord(kind="ticket", key="12", profile="1", texts=((SUBJECT, "It hums again."), (NEIGHBOUR, "Mine too."))),
        FakeRecord(kind="ticket", key="13", profile="2", texts=((NEIGHBOUR, "The lid is stuck."),)),
        FakeRecord(kind="recording", key="r1", texts=((frozenset({PHONE, CUSTOMER}), ""),), audio=b"RIFF" * 50_000),
        # With Ben's call below the number is contested, so no one can say whose this one is.
        FakeRecord(kind="recording", key="r3", texts=((frozenset({PHONE}), ""),), audio=b"RIFF"),
        FakeRecord(
            kind="recording", key="r2", texts=((frozenset({PHONE, OTHER}), ""),), audio=b"RIFF"
        ),  # Ben called from Anna's telephone: attribution gives this one to him.
        FakeRecord(
            kind="ticket",
            key="14",
            profile="1",
            texts=((SUBJECT, "I am going to court."),),
            locked_until=date(2030, 1, 1),
        ),
        FakeRecord(
            kind="invoice", key="i1", profile="1", texts=((SUBJECT, "1 kettle"),), facts=frozenset({Fact.ACCOUNTING})
        ),
    )


def neighbours(system: FakeSystem) -> str:
    texts = sorted(
        f"{record.kind} {record.key} {text}"
        for record in system.records()
        for who, text in record.texts
        if who & NEIGHBOUR or who == HOUSEMATE
    )
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def give_to_ben(system: FakeSystem) -> RecordRef:
    """The key of Anna's ticket is given out again."""
    (ref,) = system.add(FakeRecord(kind="ticket", key="11", profile="2", texts=((NEIGHBOUR, "My oven is loud."),)))
    return ref


def bench_on(system: FakeSystem, refused: Callable[[], FakeSystem]) -> Bench:
    fill(system)
    bench = _bench(system, refused)
    if not isinstance(system, FakeRemote):
        return bench

    def many() -> tuple[Identifiers, Mapping[str, int]]:
        ida = frozenset({identifier(IdentifierKind.EMAIL, "ida@example.com")})
        system.add(FakeRecord(kind="profile", key="9", texts=((ida, "Ida Example"),)))
        tickets = 3 * system.page_size + 1
        system.add(
            *(FakeRecord(kind="ticket", key=f"9{one}", profile="9", texts=((ida, "Hello."),)) for one in range(tickets))
        )
        return ida, {"profile": 1, "ticket": tickets}

    refusals = {
        f"{listed} {status}": (listed, status) for listed in (SEARCH, BELONGINGS) for status in ("403", "404", "")
    }
    return replace(
        bench,
        ignoring_filters=system.ignoring_filters,
        refused_lists={name: partial(system.refusing, *one) for name, one in refusals.items()},
        beyond_a_page=many,
    )


def _bench(system: FakeSystem, refused: Callable[[], FakeSystem]) -> Bench:
    return Bench(
        connector=system,
        known=frozenset({EMAIL}),
        nobody=frozenset({STRANGER}),
        expected={"profile": 1, "ticket": 3, "recording": 1, "invoice": 1},
        canaries=frozenset({EMAIL.value, PHONE.value, CUSTOMER.value, "Anna", "kettle", "r1"}),
        neighbours=lambda: neighbours(system),
        outage=system.outage,
        method_for={
            "profile": Method.ERASE,
            "ticket": Method.REDACT,
            "recording": Method.ERASE,
            "invoice": Method.REDACT,
        },
        wrong_credentials=refused,
        leaving_residue=lambda: system.leaving(account=ACCOUNT.value),
        shared=frozenset({RecordRef("helpdesk", "ticket", "12")}),
        given=frozenset({"My kettle hums.", "It hums again.", "1 kettle"}),
        withheld=frozenset({"Mine too.", "The lid is stuck.", "My toaster smokes."}),
        held=lambda: "\n".join(text for record in system.records() for _, text in record.texts),
        change_hands=lambda: give_to_ben(system),
        first=(("ticket", "profile"),),
    )
