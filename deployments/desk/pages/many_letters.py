"""Letters of several cases mailed together: those left unsent in one act, and answers once they were read here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from deployments.desk.page import page
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.course.sending.many_letters import (
    MOST_AT_ONCE,
    OpenedLetter,
    mail_letters_of,
    read_letters,
    unsent_letters,
)
from rightsflow.domain.accounts import Permission
from rightsflow.domain.vocabulary.letter_ids import ANSWERS
from rightsflow.domain.vocabulary.states import read_case_id

_LETTER: Final = re.compile(r"L[0-9]{1,3}(?:\.[0-9]{1,3})?", re.ASCII)


@page("/letters", needs=Permission.READ_CASES)
def many_letters(visit: Visit) -> Response:
    """List the letters that wait: those that can be mailed at once, and the answers to be read first."""
    return _shown(visit)


def _shown(visit: Visit, opened: Sequence[OpenedLetter] = ()) -> Response:
    unsent = [] if opened else unsent_letters(visit.app)
    ready = [line for line in unsent if not line.why_not]
    others = [line for line in unsent if line.why_not]
    return visit.show(
        "many_letters.html",
        ready=ready,
        waiting=[line for line in others if line.letter in ANSWERS][:MOST_AT_ONCE],
        not_mailed=[line for line in others if line.letter not in ANSWERS],
        most=MOST_AT_ONCE,
        opened=opened,
    )


@many_letters.act("/read", needs=Permission.REVEAL)
def read(visit: Visit) -> Response:
    """Show the chosen answers once; the reading of each is noted."""
    chosen = [read_case_id(item) for item in visit.chosen("case")]
    if not chosen:
        raise Wrong({"cases": "Choose the letters that you read."})
    opened = read_letters(visit.app, chosen, by=visit.actor, reason="to send it")
    return _shown(visit, opened=opened)


@many_letters.act("/mail", needs=Permission.SEND_LETTERS, is_of_many=True)
def mail(visit: Visit) -> Response:
    """Mail the chosen letters, and show the result of each."""
    parts = [item.partition(" ") for item in visit.chosen("letter")]
    if not parts or not all(_LETTER.fullmatch(letter) for _, _, letter in parts):
        raise Wrong({"letters": "Choose the letters that are mailed."})
    chosen = [(read_case_id(case_id), letter) for case_id, _, letter in parts]
    results = mail_letters_of(visit.app, chosen, by=visit.actor)
    for result in results:
        if not result.refused:
            visit.desk.follow(result.case_id)
    return visit.show("many_letters_done.html", results=results, answers=ANSWERS)
