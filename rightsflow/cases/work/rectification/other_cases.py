"""A correction beside the person's other cases: same person or not, notified, and never at once with an erasure.

A person finds out whether two cases are of the same person: by a shared number, or by a value that is wrong, another
person's case would take this one's records for theirs. A record that is corrected after its erasure would be there
again, and one erased while it is corrected may be taken for another person's. Each notes its start before it looks at
the other (a run by its lease, an erasure by its bound plan), so that at least one of two sees the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import acting
from rightsflow.cases.facts.persons import other_cases
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.errors import BadInput, Conflict, Unavailable
from rightsflow.domain.gates.four_eyes import refuse_opener
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.rectification.changes import known_after, known_before
from rightsflow.domain.rectification.corrections import born_in, wanted
from rightsflow.domain.typed_input import stated_reason
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.records import Method
from rightsflow.domain.vocabulary.rights import ERASING, Right
from rightsflow.domain.vocabulary.states import CaseState, case_ids_in, read_case_id
from rightsflow.domain.wording import listed, promised_day
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask, NewTask
from rightsflow.store.case.identifiers import CORRECTED, SAME_PERSON


class Elsewhere(NamedTuple):
    """The details that the person's other cases have to know.

    Args:
        right: The addresses and numbers that are put right, as they are from now on.
        cases: The cases, answered ones too.
        perhaps: Those that share nothing but a number, or what was wrong: a person looks whose they are.
    """

    right: Identifiers = frozenset()
    cases: Sequence[str] = ()
    perhaps: Sequence[str] = ()


def known_elsewhere(file: CaseFile, app: App) -> Elsewhere:
    """Return the corrected details that the person's other cases have to know.

    Args:
        file: The rectification's case file, open.
        app: What it works with.
    """
    if file.right is not Right.RECTIFICATION:
        return Elsewhere()
    known = file.identifiers.known()
    changes, country = wanted(file.corrections.all()), app.settings.controller.country
    # The dates of birth in its items are known to this case from the beginning, and to the others not.
    told = known - born_in(correction.item for correction in file.corrections.all())
    right = known_after(frozenset(), changes, country) - told
    if not right:
        return Elsewhere()
    # Not by what is wrong: it may be right for another person, whose case would learn this one's.
    others = other_cases(file, telling=True, without=known_before(changes, country))
    return Elsewhere(right, others.same, [perhap for perhap in others.perhaps if _looks_on(file.beside(perhap))])


def _looks_on(theirs: CaseFile) -> bool:
    """Return True if a case has still to find records of its person."""
    return not theirs.state.is_settled or (theirs.state is CaseState.ANSWERED and theirs.right.has_plan)


def make_known(app: App, elsewhere: Elsewhere) -> None:
    """Let the person's other cases know them by what is right too, before any system holds it.

    What an answered erasure retained, or a restriction marked, is looked for again for years by what its case knows;
    without the new address a record that has it would be taken for gone.

    Args:
        app: What it works with.
        elsewhere: What they are to know.
    """
    for case_id in elsewhere.cases:
        with app.store.case_file(case_id) as file:
            file.identifiers.add(elsewhere.right, learnt_from=CORRECTED)


OTHER_CASES: Final = "other cases"
"""The value of the system field in a task about other cases of a person."""


def not_found_out(file: CaseFile, task: CaseTask) -> list[str]:
    """Return the cases that a task names and whose person no one has found out.

    Args:
        file: The case file, open.
        task: The task.
    """
    perhaps = other_cases(file).perhaps
    return [text for text in case_ids_in(task.what) if text in perhaps]


def _end_found_out(file: CaseFile, today: date, *, by: str) -> None:
    """End the tasks to find out whose other cases are, once that is said of each that they name."""
    for task in file.tasks.all():
        if task.is_open and task.kind is TaskKind.OTHER_CASE and not not_found_out(file, task):
            file.tasks.mark_done(task.number, today, by=by)


def note_perhaps(file: CaseFile, app: App, elsewhere: Elsewhere) -> None:
    """Note for a person which other cases may be of the same person; each is named once, and nothing is written there.

    Args:
        file: The rectification's case file, open.
        app: What it works with.
        elsewhere: What other cases are to know.
    """
    named = [task.what for task in file.tasks.all() if task.kind is TaskKind.OTHER_CASE]
    fresh = [perhap for perhap in elsewhere.perhaps if not any(perhap in what for what in named)]
    if not fresh:
        return
    what = (
        f"{listed(fresh)} may concern the same person: each shares a number, or what was wrong, and nothing else. Find "
        "out, and say of each whether it is the same person (rightsflow case same-person), who is then known by what "
        "is right there too, or not (rightsflow case other-person)."
    )
    due_on = promised_day(file.work_to_on, file.safe_due_on, on=app.today) or app.today
    new = NewTask(kind=TaskKind.OTHER_CASE, system=OTHER_CASES, what=what, records=len(fresh), due_on=due_on)
    file.tasks.note([new], owner=file.ownership.owner)


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
        mine, theirs = sorted(files, key=lambda file: file.case_id != first)
        _refuse(mine, theirs, who, is_same=True)
        # Before it is noted: by then it would count as told.
        learnt = [
            (mine, theirs, _to_tell(mine, theirs, app)),
            (theirs, mine, _to_tell(theirs, mine, app)),
        ]
        _note(mine, theirs, why, app.today, by=who, is_same=True)
        sentences = [_told(source, told, elsewhere) for source, told, elsewhere in learnt if elsewhere.right]
        sentences += [_to_search(file) for file in (mine, theirs) if file.state is CaseState.AWAITING_APPROVAL]
    return " ".join([f"{first} and {second} are of the same person from now on.", *sentences])


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
        mine, theirs = sorted(files, key=lambda file: file.case_id != first)
        was_same = mine.others.found_out().get(second)
        _refuse(mine, theirs, who, is_same=False)
        _note(mine, theirs, why, app.today, by=who, is_same=False)
    sentence = f"{first} and {second} are of two people from now on; neither waits for the other."
    if not was_same:
        return sentence
    return f"{sentence} What one of them learnt of the other before stays known there; look at its records again."


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
        _end_found_out(file, today, by=by)
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


@dataclass(frozen=True, slots=True)
class Beside:
    """The other requests of a person that what is done at a system must not meet.

    Args:
        held_by: Those for which it waits.
        unknown: Those of them of which no one knows whether they are of the same person.
        while_worked_on: Those for which it waits only while a process works on them.
        elsewhere: What other cases are to know before anything is corrected.
    """

    held_by: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()
    while_worked_on: tuple[str, ...] = ()
    elsewhere: Elsewhere = field(default_factory=Elsewhere)

    def refuse(self, app: App, system: str = "") -> None:
        """Wait for them.

        Args:
            app: What it works with.
            system: Where something was to be done.

        Raises:
            Unavailable: One of them is at work there.
        """
        if not (others := self.at_work(app)):
            return
        if unknown := [other for other in others if other in self.unknown]:
            raise Unavailable(
                f"{listed(unknown)}, which erases, may be of the same person; this goes on once a person found out "
                "(rightsflow case same-person, or other-person), or once it is done.",
                system=system,
            )
        raise Unavailable(
            f"{listed(others)} of the same person is at work there; this goes on once it is done.", system=system
        )

    def at_work(self, app: App) -> list[str]:
        """Return the cases that are being worked on.

        Args:
            app: What it works with.
        """
        return [*self.held_by, *(text for text in self.while_worked_on if app.store.is_worked_on(text))]


def beside(file: CaseFile, app: App, system: str = "") -> Beside:
    """Return the requests that a correction or an erasure must not meet at a system, from the person's case files.

    Args:
        file: The case file, open.
        app: What it works with.
        system: The system; empty for any.
    """
    if file.right is Right.RECTIFICATION:
        return _beside_correction(file, app, system) if _has_to_correct(file, system) else Beside()
    if file.right not in ERASING:
        return Beside()
    corrections = _of_no_other(file, file.identifiers.open_beside({Right.RECTIFICATION}))
    return Beside(
        while_worked_on=tuple(
            correction for correction in corrections if _is_correcting(file.beside(correction), system)
        )
    )


def _of_no_other(file: CaseFile, cases: Sequence[str]) -> list[str]:
    """Return the cases that no one found to be another person's; they share some detail at least."""
    apart = frozenset(other_cases(file).apart) if cases else frozenset[str]()
    return [item for item in cases if item not in apart]


def waits_for_erasure(app: App, case_id: str) -> list[str]:
    """Return the requests for which an approved correction waits; none for any other case.

    Args:
        app: What it works with.
        case_id: The case.
    """
    with app.store.case_file(case_id) as file:
        found = beside(file, app) if file.right is Right.RECTIFICATION else Beside()
    return found.at_work(app)


def start_after_erasures(app: App) -> None:
    """Let the keeper start the corrections again that waited for an erasure and need not any more.

    Args:
        app: What it works with.
    """
    for case_id in app.store.waiting.to_correct():
        if app.store.is_worked_on(case_id) or waits_for_erasure(app, case_id):
            continue
        with app.store.case_file(case_id) as file:
            if _has_to_correct(file, ""):
                file.bulk.start_again()


def _beside_correction(file: CaseFile, app: App, system: str) -> Beside:
    elsewhere = known_elsewhere(file, app)
    cases, held = frozenset(elsewhere.cases), list[str]()
    for other in _of_no_other(file, file.identifiers.open_beside(ERASING)):
        # One that is known by nothing but the number, or what is wrong, is told nothing: it would not find it then.
        is_unknowing = bool(elsewhere.right) and other not in cases
        if is_unknowing or _is_erasing(file.beside(other), system):
            held.append(other)
    followed = _of_no_other(file, file.identifiers.answered_beside(ERASING))
    unknown = frozenset(held) & frozenset(elsewhere.perhaps)
    return Beside(tuple(held), unknown, tuple(followed), elsewhere)


def _is_erasing(theirs: CaseFile, system: str) -> bool:
    """Return True if a plan that erases is being carried out at a system and is not verified."""
    if theirs.state is not CaseState.EXECUTING or theirs.steps.done(StepName.SETTLE_PLAN) is None:
        return False
    return any(theirs.steps.done(StepName.VERIFY, item) is None for item in _at(theirs.findings.systems(), system))


def _is_correcting(theirs: CaseFile, system: str) -> bool:
    return theirs.state is CaseState.EXECUTING and _has_to_correct(theirs, system)


def _has_to_correct(file: CaseFile, system: str) -> bool:
    """Return True if a record is planned to be corrected at a system and is not yet."""
    findings = (finding for at in _at(file.findings.systems(), system) for finding in file.findings.all(at))
    return any(item.method is Method.RECTIFY and item.outcome is None for item in findings)


def _at(systems: Iterable[str], system: str) -> Iterator[str]:
    return (item for item in sorted(systems) if system in {"", item})
