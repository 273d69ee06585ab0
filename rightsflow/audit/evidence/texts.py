"""The texts of a case's letters, given beside its evidence, and whether they are those that were written.

The ledger holds a commitment to each text; with the salt that the controller gives it is computed anew. So an authority
needs neither the controller's key nor its word (Art. 5(2) GDPR).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from rightsflow.audit.evidence.record import EvidenceLetterLine
from rightsflow.audit.evidence.verification import BundleFinding
from rightsflow.audit.ledger import Fault, FaultKind
from rightsflow.audit.ledger.chain import canonical
from rightsflow.documents.letters.rendering import commitment
from rightsflow.domain.errors import BadInput

TEXTS = "letters.json"
"""The file with the texts inside the sealed one."""
KIND, FORMAT = "rightsflow letters", 1
_NO_LETTERS = "The file holds no letters; give the one that `rightsflow evidence --with-letters` wrote."
MOST_BYTES = 1 << 26
"""A larger file is not read."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GivenText:
    """The text of a letter supplied by the controller; personal data.

    Args:
        letter: Which letter, such as ``L9``.
        salt: What opens the commitment to it.
        subject_line: Its subject line.
        body: Its text.
    """

    letter: str
    salt: str
    subject_line: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GivenTexts:
    """The texts of a case's letters.

    Args:
        case_id: The case.
        letters: The texts, in the order in which they were written.
    """

    case_id: str
    letters: tuple[GivenText, ...]


def texts_file(given: GivenTexts) -> str:
    """Return the texts as canonical JSON."""
    letters = [asdict(letter) for letter in given.letters]
    return canonical({"kind": KIND, "format": FORMAT, "case": given.case_id, "letters": letters})


def read_texts(text: str) -> GivenTexts:
    """Read the texts from their file.

    Args:
        text: The file, whatever it holds.

    Raises:
        BadInput: It is no such file.
    """
    try:
        raw = json.loads(text)
        kind = (raw["kind"], raw["format"])
        letters = tuple(GivenText(**{str(name): str(item) for name, item in line.items()}) for line in raw["letters"])
        given = GivenTexts(case_id=str(raw["case"]), letters=letters)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        raise BadInput(_NO_LETTERS) from None
    if kind != (KIND, FORMAT):
        raise BadInput(_NO_LETTERS)
    return given


def compare_texts(found: BundleFinding, given: GivenTexts) -> BundleFinding:
    """Return the result of a bundle's check, with the supplied texts compared.

    Args:
        found: The result of the bundle alone.
        given: The texts.
    """
    if given.case_id != found.case_id:
        other = Fault(FaultKind.ALTERED, TEXTS, "The letters given are of another case than the evidence.")
        return replace(found, faults=(*found.faults, other))
    if not found.letters:
        unread = "The letters given cannot be compared: the evidence names none that can be read."
        return replace(found, uncompared=(*found.uncompared, unread))
    written = _as_written(found.letters)
    return replace(
        found,
        faults=(*found.faults, *_faults(written, given.letters)),
        uncompared=(*found.uncompared, *_uncompared(written, given.letters)),
        notes=(*found.notes, *_not_given(written, given.letters)),
        texts=sum(
            1 for letter in given.letters if letter.letter in written and _is_as_written(written[letter.letter], letter)
        ),
    )


def _as_written(letters: Iterable[EvidenceLetterLine]) -> dict[str, EvidenceLetterLine]:
    """Return the version of each letter that went out, or the last one written if none did."""
    written: dict[str, EvidenceLetterLine] = {}
    for letter in letters:
        if letter.text_hash and (letter.sent_at or letter.letter not in written or not written[letter.letter].sent_at):
            written[letter.letter] = letter
    return written


def _faults(written: dict[str, EvidenceLetterLine], given: Sequence[GivenText]) -> Iterator[Fault]:
    names = [text.letter for text in given]
    for at, given_text in enumerate(given):
        line, place = written.get(given_text.letter), f"letter {_shown(given_text.letter)}"
        if line is None or given_text.letter in names[:at]:
            what = "is given twice" if line else "is given, and the evidence names none such"
            yield Fault(FaultKind.ADDED, place, f"The text of {place} {what}.")
        elif line.commitment and not _is_as_written(line, given_text):
            yield Fault(FaultKind.ALTERED, place, f"The text of {place} is not the one that was written.")


def _uncompared(written: dict[str, EvidenceLetterLine], given: Iterable[GivenText]) -> Iterator[str]:
    for given_text in given:
        if given_text.letter in written and not written[given_text.letter].commitment:
            yield (
                f"The text of letter {given_text.letter} cannot be compared here: it was written by a version of "
                "Rightsflow "
                "whose entries hold no commitment. The controller can show its keyed hash with `rightsflow show "
                "--reveal`."
            )


def _not_given(written: dict[str, EvidenceLetterLine], given: Iterable[GivenText]) -> Iterator[str]:
    for name in written.keys() - {given_text.letter for given_text in given}:
        yield f"The text of letter {_shown(name)} was not given."


def _is_as_written(line: EvidenceLetterLine, given_text: GivenText) -> bool:
    return (
        bool(line.commitment)
        and commitment(given_text.salt, given_text.subject_line, given_text.body) == line.commitment
    )


def _shown(name: str) -> str:
    return name if name.isascii() and name.isalnum() and len(name) <= 20 else "of a name that no letter has"
