"""A person finds out whether two cases are of the same person: what programs must not take for so."""

from __future__ import annotations

from datetime import date

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import acting
from rightsflow.cases.work.rectification.known_elsewhere import Elsewhere, known_elsewhere
from rightsflow.cases.work.rectification.perhaps_elsewhere import end_found_out
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.four_eyes import refuse_opener
from rightsflow.domain.typed_input import stated_reason
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState, read_case_id
from rightsflow.store import CaseFile
from rightsflow.store.case.identifiers import CORRECTED, SAME_PERSON

_PUTS_RIGHT = frozenset({CaseState.EXECUTING, CaseState.ANSWERED})


def confirm_same_person(app: App, case_id: str, other: str, *, reason: str, by: str) -> str:
    """Note that two cases are of the same person, since a person found that out; returns what follows in sentences.

    What one of them put right the other learns, and what one of them left the other names.

    Args:
        app: What it works with.
        case_id: One case, as typed.
        other: The other one, as typed.
        reason: How that was found out; only its keyed hash is kept, since it may name them.
        by: Who found out; not who opened one of the cases (four eyes).

    Raises:
        BadInput: There is no such case, the reason is missing, or the cases have nothing in common.
        Conflict: The person opened one of the cases, or the same was said before.
    """
    first, second = _pair(case_id, other)
    who, why = acting(app, by, first), stated_reason(reason, "say how you found out that it is the same person")
    with app.store.case_files([first, second]) as files:
        found, two = sorted(files, key=lambda file: file.case_id != first)
        _refuse(found, two, who, is_same=True)
        # Before it is noted: by then it would count as told.
        learnt = [(found, two, _to_tell(found, two, app)), (two, found, _to_tell(two, found, app))]
        _note(found, two, why, app.today, by=who, is_same=True)
        said = [_told(source, told, elsewhere) for source, told, elsewhere in learnt if elsewhere.right]
        said += [_to_search(file) for file in (found, two) if file.state is CaseState.AWAITING_APPROVAL]
    return " ".join([f"{first} and {second} are of the same person from now on.", *said])


def find_other_person(app: App, case_id: str, other: str, *, reason: str, by: str) -> str:
    """Note that two cases are of two people, since a person found that out; returns what follows in sentences.

    Neither waits for the other any more, takes anything from it or is shown beside it as perhaps the same.

    Args:
        app: What it works with.
        case_id: One case, as typed.
        other: The other one, as typed.
        reason: How that was found out; only its keyed hash is kept, since it may name them.
        by: Who found out; not who opened one of the cases (four eyes).

    Raises:
        BadInput: There is no such case, the reason is missing, or the cases have nothing in common.
        Conflict: The person opened one of the cases, or the same was said before.
    """
    first, second = _pair(case_id, other)
    who, why = acting(app, by, first), stated_reason(reason, "say how you found out that it is another person")
    with app.store.case_files([first, second]) as files:
        found, two = sorted(files, key=lambda file: file.case_id != first)
        was_same = found.others.found_out().get(second)
        _refuse(found, two, who, is_same=False)
        _note(found, two, why, app.today, by=who, is_same=False)
    said = f"{first} and {second} are of two people from now on; neither waits for the other."
    if not was_same:
        return said
    return f"{said} What one of them learnt of the other before stays known there; look at its records again."


def _pair(case_id: str, other: str) -> tuple[str, str]:
    first, second = read_case_id(case_id), read_case_id(other)
    if first == second:
        raise BadInput("That is the same case twice; give the other one.")
    return first, second


def _refuse(case_file: CaseFile, two: CaseFile, who: str, *, is_same: bool) -> None:
    known = case_file.others.found_out().get(two.case_id)
    if known is None and two.case_id not in case_file.identifiers.sharing():
        raise BadInput(
            f"{two.case_id} is none of the cases that may be of the same person; the page of {case_file.case_id} "
            "about other "
            "cases names them."
        )
    if known is is_same:
        raise Conflict(f"That was found out of {two.case_id} before; nothing has changed.")
    for file in (case_file, two):
        refuse_opener(who, opened_by=file.opened_by)


def _note(case_file: CaseFile, two: CaseFile, why: str, today: date, *, by: str, is_same: bool) -> None:
    for file, other in ((case_file, two), (two, case_file)):
        file.others.note_found_out(other.case_id, why, is_same=is_same, by=by)
        end_found_out(file, today, by=by)
        # What waited for that goes on.
        file.bulk.start_again()


def _to_tell(source: CaseFile, told: CaseFile, app: App) -> Elsewhere:
    """Return the details that an approved rectification corrected and another case does not know."""
    if source.right is not Right.RECTIFICATION or source.state not in _PUTS_RIGHT:
        return Elsewhere()
    elsewhere = known_elsewhere(source, app)
    return elsewhere if told.case_id in elsewhere.perhaps else Elsewhere()


def _told(source: CaseFile, told: CaseFile, elsewhere: Elsewhere) -> str:
    is_searched = told.state in _PUTS_RIGHT
    told.identifiers.add(elsewhere.right, learnt_from=CORRECTED if is_searched else SAME_PERSON)
    return f"{told.case_id} knows by now what {source.case_id} put right."


def _to_search(file: CaseFile) -> str:
    return f"{file.case_id} was searched before that and waits for an approval; order a new search there."
