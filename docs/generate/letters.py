"""The page of the letters, from their models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from docs.generate.docstrings import about
from docs.generate.markdown import table
from rightsflow.cases.sending.sent import CLOCK_LETTERS
from rightsflow.cases.sending.ways_by_mail import MAILED
from rightsflow.documents.letters import LetterId, LetterVariables

_INTRODUCTION: Final = """# Letters

Each letter is rendered from variables alone: the same variables give the same text and the same hash. A letter in which something is
missing that the law demands does not render. The numbers are those of the rule book of letters; L5 and others do not exist yet.
`rightsflow show CASE --reveal` prints the letters of a case.

"""
_NUMBER: Final = re.compile(r"(L\d+)\. (.*)", re.DOTALL)


def page() -> str:
    """The page."""
    said = dict(_said(LetterVariables))
    rows = (
        (one.value, one.name.replace("_", " ").capitalize(), said[one.value], _sent(one), _clock(one))
        for one in LetterId
    )
    return _INTRODUCTION + table(("Letter", "Name", "What it says", "How it goes out", "Clock"), rows)


def _said(model: type[LetterVariables]) -> Iterator[tuple[str, str]]:
    for one in model.__subclasses__():
        if found := _NUMBER.fullmatch(about(one)):
            yield found.group(1), found.group(2)
        yield from _said(one)


def _sent(letter: LetterId) -> str:
    if letter in MAILED:
        return "By mail where `[delivery.mail]` is set and the request came by e-mail or web form, otherwise by hand."
    return "A person mails it from its page at the desk, or sends it otherwise and records that with `rightsflow record-sent`."


def _clock(letter: LetterId) -> str:
    return "Moves the clock once it has been sent." if letter in CLOCK_LETTERS else ""
