"""The judgement of what a person is given: their own files whole, and in them no one else by an address or a number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from proofs.neighbours.drawn import OWN_LINE, Resident, Town, spellings
from proofs.strangers.people import bare
from proofs.strangers.planted import Marks

OWN_FILE = "own file"
"""So begins what is planted in a file that a person wrote by themselves."""
_OWN_DOMAIN = "@example.com"
"""Whose addresses are the controller's, as the configuration says: they stay."""


def judge_package(files: Mapping[str, bytes], person: Resident, town: Town, marks: Marks) -> list[str]:
    """What is wrong in a package, a line each.

    Args:
        files: The package's files.
        person: Who asked.
        town: Everybody.
        marks: Everything that was planted.
    """
    return [f"{name}: {what}" for name, content in files.items() for what in _wrong(content, person, town, marks)]


def _wrong(content: bytes, person: Resident, town: Town, marks: Marks) -> Iterator[str]:
    text = content.decode("latin-1")
    for mark in marks.within(text):
        if mark.owners and person.number not in mark.owners and OWN_FILE in mark.what:
            yield f"{mark.what}, which is of {sorted(mark.owners)} alone"
    yield from (f"names another person by {what}" for what in _others_in(text, person, town))


def given_files(files: Mapping[str, bytes], person: Resident, marks: Marks) -> int:
    """How many files that the person wrote are in a package with what was planted in them.

    Args:
        files: The package's files.
        person: Who asked.
        marks: Everything that was planted.
    """
    found = {mark.word for content in files.values() for mark in marks.within(content.decode("latin-1"))}
    return sum(
        mark.word in found and OWN_FILE in mark.what and mark.owners == {person.number}
        for mark in marks.by_word.values()
    )


def _others_in(text: str, person: Resident, town: Town) -> Iterator[str]:
    """By which address or number of another person that is not the person's too a text names them."""
    own = {*person.emails, *person.phones, OWN_LINE}
    for other in town.people:
        for what, written in _ways(other):
            if what not in own and re.search(rf"(?<![\w.+]){re.escape(written)}(?![\w])", text, re.IGNORECASE):
                yield f"{'an address' if '@' in what else 'a number'} of {other.number}"


def _ways(person: Resident) -> Iterator[tuple[str, str]]:
    """What a program can tell from a text: no address of the controller's own, and no digits that say nothing."""
    yield from ((one, one) for one in person.emails if not one.endswith(_OWN_DOMAIN))
    yield from ((phone, one) for phone in person.phones for one in spellings(phone) if one != bare(phone))
