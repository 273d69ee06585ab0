"""The other cases that share something with one, as the officer sees them who finds out whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rightsflow.cases.app import App
from rightsflow.cases.facts.persons.bonds import other_cases, unclear_whose
from rightsflow.domain.case.persons import TOLD_APART, Clue, KnownPerson
from rightsflow.domain.identifiers import KIND_WORDS, IdentifierKind
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState, read_case_id
from rightsflow.domain.wording import listed
from rightsflow.store import CaseFile


class Whose(StrEnum):
    """The person whom another case is about, as far as it is known."""

    PERHAPS = "perhaps the same person"
    SAME = "the same person"
    APART = "another person"
    REPEATED = "one request twice"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCase:
    """Another case, without personal data.

    Args:
        case_id: The case.
        right: What is asked for.
        state: Where it stands.
        received_at: When the request was received (aware).
        opened_by: Who opened it, and so cannot say whose it is.
        shared: What both know their person by, in words for kinds.
        differs: What the two requests give differently, in words for kinds; empty for nothing.
        whose: Whose it is.
        is_found_out: Whether a person found that out.
        is_waited_for: Whether the search of the one case waits for that.
    """

    case_id: str
    right: Right
    state: CaseState
    received_at: datetime
    opened_by: str
    shared: str
    differs: str
    whose: Whose
    is_found_out: bool
    is_waited_for: bool


def read_other_cases(app: App, case_id: str) -> list[OtherCase]:
    """The other cases that share something with a case: those to find out first, the newest first.

    Args:
        app: What it works with.
        case_id: The case, as typed.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(read_case_id(case_id)) as file:
        return sorted(_lines(file), key=lambda line: (list(Whose).index(line.whose), -line.received_at.timestamp()))


def _lines(file: CaseFile) -> Iterator[OtherCase]:
    others, own, sharing = other_cases(file), file.identifiers.person(), file.identifiers.sharing()
    found, waited = file.others.found_out(), unclear_whose(file)
    standing = (
        (Whose.PERHAPS, others.perhaps),
        (Whose.SAME, others.same),
        (Whose.APART, others.apart),
        (Whose.REPEATED, others.repeated),
    )
    for whose, cases in standing:
        for case_id in cases:
            theirs = file.beside(case_id)
            yield OtherCase(
                case_id=case_id,
                right=theirs.right,
                state=theirs.state,
                received_at=theirs.received_at,
                opened_by=theirs.opened_by,
                shared=_kinds(own.known & sharing[case_id].known),
                differs=_kinds(_different(own, sharing[case_id])),
                whose=whose,
                is_found_out=case_id in found,
                is_waited_for=case_id in waited,
            )


def _different(own: KnownPerson, theirs: KnownPerson) -> set[Clue]:
    mine = {item for item in own.asked if item.kind in TOLD_APART}
    return {
        item for item in mine if any(each.realm == item.realm for each in theirs.asked) and item not in theirs.asked
    }


def _kinds(clues: Iterable[Clue]) -> str:
    kinds = {clue.kind for clue in clues}
    return listed([KIND_WORDS[item.value][0] for item in IdentifierKind if item in kinds])
