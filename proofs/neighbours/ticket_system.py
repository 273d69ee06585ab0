"""Redmine's side of the proof: who is who in its own tables, and what its operator lets be corrected, marked, blanked.

It is filled by :mod:`proofs.strangers.tickets`: people who write in each other's issues, watch them, attach the same
files, and have numbers that are those of wiki pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from proofs.neighbours.acting import Change
from proofs.neighbours.judging import Record, System
from proofs.strangers import operator, tickets
from proofs.strangers.cases import Office
from proofs.strangers.people import Person, spaced
from proofs.strangers.planted import Marks, Row
from rightsflow.domain.request import Right
from tests.support.peers.redmine import Redmine

_CLASS = 'document_class = "none"\n'
_VOUCHER = 'document_class = "voucher"\n'
_MORE: Mapping[str, tuple[str, str]] = {
    "rightsflow_people": (_CLASS, 'rectify    = { "first name" = "firstname" }\n'),
    "email_addresses": (_CLASS, 'rectify    = { email = "address" }\n'),
    "custom_values": (
        _CLASS,
        'rectify.phone = { column = "value", where = { customized_type = "Principal", custom_field_id = 1 } }\n',
    ),
    "issues": (
        _VOUCHER,
        'version    = "lock_version"\nrestriction = { column = "is_private" }\nfields     = { note = "description" }\n',
    ),
    "journals": (_VOUCHER, 'restriction = { column = "private_notes" }\nfields     = { note = "notes" }\n'),
}
"""By table: its class of document, and what the operator writes besides."""
_PART = '{ column = "customized_id", table = "issues", to = "id", where = { customized_type = "Issue" } }'
_VERSIONS = frozenset(map(str, range(100)))


def configured() -> str:
    """The tables as the operator describes them, who lets records be corrected, marked and blanked."""
    text = operator.TICKETS.replace(_PART, f"{_PART[:-2]}, raises_version = true }}")
    for table, (of_class, more) in _MORE.items():
        line = f'name       = "{table}"\n'
        text = text.replace(_CLASS + line, of_class + line + more)
    return text


def system_of(redmine: Redmine, users: Mapping[str, int], marks: Marks) -> System:
    """What a proof needs of it.

    Args:
        redmine: The instance, filled.
        users: The numbers that it gave to the people, by login.
        marks: Everything that was planted.
    """
    held = tickets.held(redmine.database, redmine.files, users, marks)

    def owners(place: str, row: Row) -> frozenset[int]:
        rule = held.rule_of(place)
        return rule.owners(row) if rule else frozenset()

    return System(held.name, held.snapshot, owners, _record)


def section(redmine: Redmine, folder: Path) -> str:
    """Its section of the configuration.

    Args:
        redmine: The instance.
        folder: Where the secret goes.
    """
    view = operator.PEOPLE_VIEW
    return operator.sql_section(tickets.NAME, configured(), redmine.database, folder, redmine.files, view)


def rectify(office: Office, person: Person) -> tuple[str, Change]:
    """A person's number, first name and second address are corrected; gives the case, and what may have changed."""
    new = {"phone": f"+496990019{person.number:03}", "first name": "Zoe", "email": f"zoe{person.number}@example.net"}
    old = {"phone": spaced(person.phones[0]), "first name": person.first, "email": person.emails[1]}
    asked = "\n".join(f"{name} | {old[name]} | {value}" for name, value in new.items())
    case_id = office.answer(Right.RECTIFICATION, person, corrections=asked)
    columns = {"value": "phone", "firstname": "first name", "address": "email"}
    may_be = {column: frozenset({new[name]}) for column, name in columns.items()}
    return case_id, Change({"rectified"}, may_be, "rectified")


def restrict(office: Office, person: Person) -> tuple[str, Change]:
    """What is a person's is restricted; gives the case, and what may have changed."""
    case_id = office.answer(Right.RESTRICTION, person, ground="accuracy")
    marked = dict.fromkeys(("is_private", "private_notes"), frozenset({"true"}))
    return case_id, Change({"restricted"}, marked | {"lock_version": _VERSIONS}, "restricted")


def _record(place: str, row: Row) -> Record | None:
    table, _, key = place.partition("/")
    if table == "files":
        return "file", key
    if table == "users":
        return "account", f"[{row['id']}]"
    return (table, f"[{row['id']}]") if "id" in row else None
