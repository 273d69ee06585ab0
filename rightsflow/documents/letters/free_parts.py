"""The parts of a letter that people may word: the salutation, and a remark before the closing. All else stays as it is.

What the law asks for stands in between, and a letter's rules have looked at it. So a free part is put into the finished
text, and the text around it is not touched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rightsflow.documents.letters.rules import check_remark
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.letter_ids import LetterId

MOST_REMARK: Final = 2_000
"""The maximum length of a remark, in characters."""
MOST_SALUTATION: Final = 200
_SALUTATION: Final = re.compile(r"^(?:Dear .+|Good day),$", re.MULTILINE)
_CLOSING: Final = "\n\nYours sincerely\n"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FreeParts:
    """The parts of a letter that a person words; they may name the data subject.

    Args:
        salutation: How the person is addressed, such as ``Dear Ms Example,``; empty for that of the letter.
        remark: What is said besides, before the closing; empty for nothing.
    """

    salutation: str = ""
    remark: str = ""


def salutation_of(body: str) -> str:
    """Return the salutation of a letter.

    Args:
        body: The letter's text as it was written.
    """
    match = _SALUTATION.search(body)
    return match[0] if match else ""


def free_parts_of(written: str, worded: str) -> FreeParts:
    """Return the parts that a person worded in a letter; empty ones are as it was written.

    Args:
        written: The letter's text as it was written.
        worded: The same with its free parts, from :func:`with_free_parts`.
    """
    salutation = salutation_of(worded)
    if salutation == salutation_of(written):
        salutation = ""
    elif salutation:
        written = _SALUTATION.sub(lambda _: salutation, written, count=1)
    before, beside = (text.rpartition(_CLOSING)[0] for text in (written, worded))
    return FreeParts(salutation=salutation, remark=beside.removeprefix(before).strip())


def with_free_parts(letter: LetterId, body: str, parts: FreeParts) -> str:
    """Return a letter's text with its free parts.

    Args:
        letter: Which letter.
        body: The text as it was written.
        parts: What a person words.

    Raises:
        BadInput: A part is too long, not printable, or looks like a part of the letter that is not free.
        Conflict: A part says what the letter must not say.
    """
    salutation, remark = read_salutation(parts.salutation), _remark(parts.remark)
    check_remark(letter, f"{salutation}\n{remark}")
    if salutation:
        body = _SALUTATION.sub(lambda _: salutation, body, count=1)
    before, closing, after = body.rpartition(_CLOSING)
    if remark and not closing:
        raise BadInput("This letter has no place for a remark; send it as it is.")
    return f"{before}\n\n{remark}{closing}{after}" if remark else body


def read_salutation(typed: str) -> str:
    """Return a salutation for a letter; empty for the letter's own.

    Args:
        typed: As it was typed.

    Raises:
        BadInput: It is too long or not printable.
    """
    line = " ".join(typed.split())
    if not line:
        return ""
    if len(line) > MOST_SALUTATION or not line.isprintable():
        raise BadInput(f"The salutation has to be printable and at most {MOST_SALUTATION} characters long.")
    return line if line.endswith((",", ":")) else f"{line},"


def _remark(typed: str) -> str:
    lines = [" ".join(line.split()) for line in typed.strip().splitlines()]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    if len(text) > MOST_REMARK or not all(line.isprintable() for line in lines):
        raise BadInput(f"The remark has to be printable and at most {MOST_REMARK} characters long.")
    if any(line.isupper() and len(line) > 1 for line in lines):
        # The letter's own headings are lines in capitals.
        raise BadInput("The remark has a line in capitals, like a heading of the letter; write it in small letters.")
    return text
