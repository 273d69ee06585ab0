"""The person's other cases, which know them by an address or number that is put right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rightsflow.cases.app import App
from rightsflow.domain.case.states import CaseState
from rightsflow.domain.identifiers import Identifiers, strong
from rightsflow.domain.rectification.change import known_after, known_before
from rightsflow.domain.rectification.rulings import wanted
from rightsflow.domain.request import Right
from rightsflow.store import CaseFile
from rightsflow.store.case.identifiers import CORRECTED


class Elsewhere(NamedTuple):
    """What the person's other cases are to know.

    Args:
        right: The addresses and numbers that are put right, as they are from now on.
        cases: The cases, answered ones too.
        perhaps: Those that share nothing but a number, or what was wrong: a person looks whose they are.
    """

    right: Identifiers = frozenset()
    cases: Sequence[str] = ()
    perhaps: Sequence[str] = ()


def known_elsewhere(file: CaseFile, app: App) -> Elsewhere:
    """What the person's other cases are to know of what a rectification puts right.

    Args:
        file: The rectification's case file, open.
        app: What it works with.
    """
    if file.right is not Right.RECTIFICATION:
        return Elsewhere()
    known = file.identifiers.known()
    changes, country = wanted(file.corrections.all()), app.settings.controller.country
    right = known_after(known, changes, country) - known
    # Never by a number: other people may use it as well, and their cases would take this person's records for theirs.
    # Nor by what is wrong: it may be right for another person, whose case would learn this one's.
    named_by = strong(file.identifiers.of_no_other()) - known_before(changes, country)
    if not right:
        return Elsewhere()
    told = file.identifiers.other_cases(named_by)
    perhaps = [one for one in file.identifiers.other_cases(known) if one not in told and _looks_on(file.beside(one))]
    return Elsewhere(right, told, perhaps)


def _looks_on(theirs: CaseFile) -> bool:
    """Whether a case has still to find records of its person."""
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
