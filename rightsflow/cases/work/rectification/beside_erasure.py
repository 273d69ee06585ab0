"""A correction and an erasure of one person never write at a system at once, and the erasure goes first.

What is corrected after it was erased would be there again, and what is erased while it is corrected may be taken for
another person's. Each says that it began before it looks at the other (a run by its lease, an erasure by its bound
plan), so that of two that begin together one at least sees the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rightsflow.cases.app import App
from rightsflow.cases.facts.persons.bonds import other_cases
from rightsflow.cases.work.rectification.known_elsewhere import Elsewhere, known_elsewhere
from rightsflow.domain.errors import Unavailable
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.records import Method
from rightsflow.domain.vocabulary.rights import ERASING, Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.wording import listed
from rightsflow.store import CaseFile


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
    """The requests for which an approved correction waits, before it is carried out; none for any other case.

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
    told, held = frozenset(elsewhere.cases), list[str]()
    for other in _of_no_other(file, file.identifiers.open_beside(ERASING)):
        # One that is known by nothing but the number, or what is wrong, is told nothing: it would not find it then.
        is_unknowing = bool(elsewhere.right) and other not in told
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
    found = (finding for at in _at(file.findings.systems(), system) for finding in file.findings.all(at))
    return any(item.method is Method.RECTIFY and item.outcome is None for item in found)


def _at(systems: Iterable[str], system: str) -> Iterator[str]:
    return (item for item in sorted(systems) if system in {"", item})
