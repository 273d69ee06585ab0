"""The person's other cases, which know them by an address or number that is put right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rightsflow.cases.app import App
from rightsflow.domain.identifiers import Identifiers, strong
from rightsflow.domain.rectification.change import known_after
from rightsflow.domain.rectification.rulings import wanted
from rightsflow.domain.request import Right
from rightsflow.store import CaseFile
from rightsflow.store.case.identifiers import CORRECTED


class Elsewhere(NamedTuple):
    """What the person's other cases are to know.

    Args:
        right: The addresses and numbers that are put right, as they are from now on.
        cases: The cases, answered ones too.
    """

    right: Identifiers = frozenset()
    cases: Sequence[str] = ()


def known_elsewhere(file: CaseFile, app: App) -> Elsewhere:
    """What the person's other cases are to know of what a rectification puts right.

    Args:
        file: The rectification's case file, open.
        app: What it works with.
    """
    if file.right is not Right.RECTIFICATION:
        return Elsewhere()
    known = file.identifiers.known()
    right = known_after(known, wanted(file.corrections.all()), app.settings.controller.country) - known
    # Never by a number: other people may use it as well, and their cases would take this person's records for theirs.
    named_by = strong(file.identifiers.of_no_other())
    return Elsewhere(right, file.identifiers.other_cases(named_by) if right else ())


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
