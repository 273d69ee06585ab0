"""The page of the letters, from their models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from docs.generate.docstrings import about
from docs.generate.markdown import table
from rightsflow.cases.course.sending.delivery import CLOCK_LETTERS
from rightsflow.cases.course.sending.mail import MAILED
from rightsflow.documents.letters import LetterId, LetterVariables

_INTRODUCTION: Final = """# Letters

```console
$ rightsflow show DSR-2026-7K3M9Q --reveal --reason "…" --by "Your Name"     # prints the letters of a case
```

The same variables give the same text and the same hash. A letter that lacks mandatory content does not render. *Mailed* letters go out
automatically where `[delivery.mail]` is set and the request came by e-mail or web form. A person sends the others, from the letter's
page at the desk or in another way ([send letters](../how-to/officers/send.md)). Letters with *clock* change the due date once sent.
Missing numbers are not used.

"""
_NUMBER: Final = re.compile(r"(L\d+)\. (.*)", re.DOTALL)


def page() -> str:
    """Return the page."""
    said = dict(_said(LetterVariables))
    rows = ((one.value, one.name.replace("_", " ").capitalize(), said[one.value], _sent(one)) for one in LetterId)
    return _INTRODUCTION + table(("Letter", "Name", "Content", "Sending"), rows)


def _said(model: type[LetterVariables]) -> Iterator[tuple[str, str]]:
    for one in model.__subclasses__():
        if found := _NUMBER.fullmatch(about(one)):
            yield found.group(1), found.group(2)
        yield from _said(one)


def _sent(letter: LetterId) -> str:
    return ", ".join((*(["mailed"] if letter in MAILED else []), *(["clock"] if letter in CLOCK_LETTERS else [])))
