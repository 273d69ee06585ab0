"""The person's other cases, which know them by an address or number that is put right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rightsflow.cases.app import App
from rightsflow.cases.facts.persons.bonds import other_cases
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.rectification.changes import known_after, known_before
from rightsflow.domain.rectification.corrections import born_in, wanted
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile
from rightsflow.store.case.identifiers import CORRECTED


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
