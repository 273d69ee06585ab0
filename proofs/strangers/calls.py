"""Kamailio: the calls that are made through it, and whose its rows are.

Numbers stand there as the phones sent them: with ``+``, without, in the national form, and as SIP addresses in the
lines of whole calls.
"""

from __future__ import annotations

from collections.abc import Iterator

from proofs.strangers.people import OWN_NUMBER, Neighbour, Person, Population, bare, national
from proofs.strangers.planted import Held, Marks, Rule, Snapshot
from proofs.strangers.snapshots import of_database
from tests.support.peers.kamailio import Call
from tests.support.peers.postgres import PostgresDatabase

NAME = "telephone"
_TABLES = ("acc", "missed_calls", "acc_cdrs")
_SHARED = frozenset({"src_user", "dst_ouser", "dst_user", "caller", "callee"})


def plan(population: Population, marks: Marks) -> list[Call]:
    """The calls.

    Args:
        population: Everybody.
        marks: Where what is planted is noted.
    """
    return [call for person in population.people for call in _calls_of(person, population, marks)]


def _calls_of(person: Person, population: Population, marks: Marks) -> Iterator[Call]:
    for phone in person.phones:
        # A number that two people used in turn, with no name beside it, is no one's for certain.
        certain = [] if phone in person.in_turn else [person.number]
        spellings = (phone, bare(phone), national(phone)) if phone.startswith("+49") else (phone, bare(phone))
        for number, spelled in enumerate(spellings):
            what = f"{person.number}: call {number} by {phone}"
            mark = marks.plant(NAME, what, [person.number], given=certain, erased=certain)
            yield Call(spelled, OWN_NUMBER, mark)
        mark = marks.plant(NAME, f"{person.number}: call to {phone}", [person.number], given=certain, erased=certain)
        yield Call(OWN_NUMBER, phone, mark)
        mark = marks.plant(NAME, f"{person.number}: busy, {phone}", [person.number], given=certain, erased=certain)
        yield Call(bare(phone), OWN_NUMBER, f"busy-{mark}", is_answered=False)
    if person.role is Neighbour.SUBJECT:
        other = population.beside(person, Neighbour.CALLER)
        both = [person.number, other.number]
        mark = marks.plant(NAME, f"{person.number} calls {other.number}", both)
        yield Call(bare(person.phones[-1]), other.phones[0], mark)
        mark = marks.plant(NAME, f"{other.number} calls {person.number}", both)
        yield Call(national(other.phones[0]), person.phones[-1], mark)


def held(database: PostgresDatabase, marks: Marks) -> Held:
    """Whose its rows are: told by the mark in each call's subject.

    Args:
        database: Its database.
        marks: Everything that was planted.
    """

    def snapshot() -> Snapshot:
        return of_database(database)

    return Held(NAME, dict.fromkeys(_TABLES, Rule(marks.owners_of, shared=_SHARED)), snapshot)
