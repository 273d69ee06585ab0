"""The passages of a letter for its reader at the desk: what is written for the case, and standard wording.

Standard wording is the same in every letter: the remedies with the contact, the limits of a search, and what connectors
declare to stay behind, word for word. The desk folds it, so that what was written for the case is read first.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from typing import Final

_REMEDIES: Final = "IF YOU DO NOT AGREE\n"
_CLOSING: Final = "Yours sincerely\n"
_OF_SEARCH: Final = (
    "Such a search does not find everything. ",
    "If you have used another e-mail address, telephone number or customer number with us, ",
)
_ABOUT_SEARCH: Final = "limits of a search"
_ABOUT_REMEDIES: Final = "complaint, courts, contact"
_ABOUT_RESIDUE: Final = "what stays behind at the systems, as their connectors declare it"


@dataclass(frozen=True, slots=True, repr=False)
class LetterPassage:
    """Lines of a letter.

    Args:
        text: The lines, with their ends.
        standard: What the standard wording is about; empty for what was written for the case.
    """

    text: str
    standard: str = ""


def passages(body: str, declared: Collection[str]) -> tuple[LetterPassage, ...]:
    """Return a letter's passages, in order; together they are the letter.

    Args:
        body: The text as it was written, without words of a person: these are never standard.
        declared: What connectors declare to stay behind.
    """
    before, heading, rest = body.partition(_REMEDIES)
    remedies, closing, end = rest.partition(_CLOSING)
    if not closing:
        before, heading, remedies, end = body, "", "", ""
    lines: list[tuple[str, str]] = []
    for line in before.splitlines(keepends=True):
        # An empty line belongs to what is above it.
        lines.append((line, _about(line, declared) if line.strip() or not lines else lines[-1][1]))
    lines += [(f"{heading}{remedies}", _ABOUT_REMEDIES), (f"{closing}{end}", "")]
    grouped = groupby((item for item in lines if item[0]), key=lambda item: item[1])
    return tuple(LetterPassage("".join(line for line, _ in alike), about) for about, alike in grouped)


def _about(line: str, declared: Collection[str]) -> str:
    """Return what a line of standard wording is about, such as ``- Payments: …`` with a declared text."""
    if line.startswith(_OF_SEARCH):
        return _ABOUT_SEARCH
    _, _, said = line.removeprefix("- ").rstrip("\n").partition(": ")
    return _ABOUT_RESIDUE if line.startswith("- ") and said in declared else ""
