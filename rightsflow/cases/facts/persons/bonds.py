"""The other cases that are of the same person, and those of which a person has to find out whether they are.

Everything that one case takes from another, or is told of it, goes by this: records that an earlier case left, what was
put right, a sentence in a letter. What shares nothing but a number is never more than a line for an officer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from rightsflow.domain.case.persons import Bond, KnownPerson, bond
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.decisions import Gate, Verdict
from rightsflow.domain.gates.refusals import Reason
from rightsflow.domain.identifiers import IdentifierKind, Identifiers
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.wording import listed
from rightsflow.store import CaseFile


@dataclass(frozen=True, slots=True)
class OtherCases:
    """The other cases that know their person by something which one case knows too.

    Args:
        same: Those of the same person: by what both know, or since a person found it out.
        perhaps: Those of which no one knows it.
        apart: Those that a person found to be another person's.
        repeated: Those of which one was stopped as a duplicate of the other: the same request, which nothing waits for.
    """

    same: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return True if there is any bond."""
        return bool(self.same or self.perhaps or self.apart or self.repeated)


def other_cases(file: CaseFile, *, telling: bool = False, without: Identifiers = frozenset()) -> OtherCases:
    """The other cases, closed ones too, by whose they are.

    Args:
        file: The case file, open.
        telling: Whether it is the others that would get to know something of this one, instead of this one of them.
        without: Identifiers that do not count, since they are not right of this person.
    """
    sharing = file.identifiers.sharing()
    if not sharing:
        return OtherCases()
    found, own = file.others.found_out(), _without(_identified(file, file.identifiers.person()), file, without)
    by_bond: dict[bool | None, list[str]] = {True: [], None: [], False: []}
    for case_id, theirs in sharing.items():
        is_same = found[case_id] if case_id in found else _is_same(file, case_id, own, theirs, telling=telling)
        by_bond[is_same].append(case_id)
    repeated = tuple(item for item in by_bond[None] if _is_repeated(file, file.beside(item)))
    perhaps = tuple(item for item in by_bond[None] if item not in repeated)
    return OtherCases(tuple(by_bond[True]), perhaps, tuple(by_bond[False]), repeated)


def _is_repeated(file: CaseFile, other: CaseFile) -> bool:
    """Return True if one of two cases was stopped as a duplicate of the other: a person decided that."""
    if CaseState.STOPPED not in {file.state, other.state}:
        return False
    return other.case_id == file.stopping.instead or file.case_id == other.stopping.instead


def _is_same(file: CaseFile, case_id: str, own: KnownPerson, theirs: KnownPerson, *, telling: bool) -> bool | None:
    """Return True if another case is of the same person; ``None`` where a person has to find that out."""
    given_twice = own.asked & theirs.asked
    # Who was identified, and how, is asked only where an address could decide it.
    if any(item.kind is IdentifierKind.EMAIL for item in given_twice):
        theirs = _identified(file.beside(case_id), theirs)
    # What is told a case is used by its search, which is not begun before it was confirmed who asks.
    tie = bond(replace(theirs, is_identified=True), own) if telling else bond(own, theirs)
    return True if tie is Bond.SAME else None


def _identified(file: CaseFile, person: KnownPerson) -> KnownPerson:
    decision = file.decisions.at(Gate.IDENTITY)
    if decision is None or decision.verdict is not Verdict.CONFIRMED:
        return person
    return replace(person, is_identified=True)


def _without(person: KnownPerson, file: CaseFile, identifiers: Identifiers) -> KnownPerson:
    if not identifiers:
        return person
    digests = file.identifiers.digests(identifiers)
    return replace(
        person,
        asked=frozenset(item for item in person.asked if item.digest not in digests),
        known=frozenset(item for item in person.known if item.digest not in digests),
    )


def unclear_whose(file: CaseFile) -> list[str]:
    """The cases that may be of the same person and whose answer left something which this one would have to name.

    They share an address, a customer number or an account with this one; until now such a case counted as the person's.
    A telephone number alone makes no answer wait: a company's switchboard would stop all of its callers.

    Args:
        file: The case file, open.
    """
    return list(_unclear_whose(file))


def _unclear_whose(file: CaseFile) -> Iterator[str]:
    perhaps, sharing = other_cases(file).perhaps, file.identifiers.sharing()
    known = file.identifiers.person().known
    for case_id in perhaps:
        if any(item.kind is not IdentifierKind.PHONE for item in known & sharing[case_id].known):
            theirs = file.beside(case_id).findings
            if theirs.left_behind() or theirs.has_unclear():
                yield case_id


def doubt_of_no(file: CaseFile, today: date) -> Conflict | None:
    """Return why no one can tell a person "no", since another case may be theirs and holds something; else ``None``.

    A telephone number alone makes no search wait, and is no proof that nothing is held either (Art. 11(2) GDPR).
    An objection and a withdrawal of consent are answered by what is done, so that they wait for nothing.

    Args:
        file: The case file, open.
        today: The present day in the controller's zone.
    """
    if file.right.keeps_from_advertising:
        return None
    listed_by = {suppression.case_id for suppression in file.suppressions.held(today)}
    holding = [
        perhap for perhap in other_cases(file).perhaps if perhap in listed_by or _holds_something(file.beside(perhap))
    ]
    if not holding:
        return None
    return Conflict(
        f"{listed(holding)} may be of the same person and holds something, so no one can say that nothing is held. "
        f"Find out, and say so on the page of {file.case_id} about other cases, or with `rightsflow case same-person` "
        f"or `rightsflow case other-person`; or refuse with the code {Reason.CANNOT_TELL.value}, which asks for what "
        "would show it."
    )


def _holds_something(other: CaseFile) -> bool:
    """Return True if a case left records, or may still find some."""
    return not other.state.is_settled or bool(other.findings.left_behind()) or other.findings.has_unclear()


def doubt_whose(file: CaseFile) -> Conflict | None:
    """Return the error that a person has to find out whose another case is; ``None`` where that is known.

    Args:
        file: The case file, open.
    """
    if not (cases := unclear_whose(file)):
        return None
    return Conflict(
        f"{listed(cases)} may be of the same person and left records, but shares too little to tell. Find out, and "
        f"say so on the page of {file.case_id} about other cases, or with `rightsflow case same-person` or `rightsflow "
        "case other-person`; the search goes on then."
    )
