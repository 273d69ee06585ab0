"""Masks passages by their wording, in what is masked already: no pattern, the letters alone, as names are compared.

A passage is found without regard to case, accents and the form of its white space, in a field that a system keeps as
HTML also across tags and in entities: what a person copied from a page is found in the data behind it. A mark is never
cut; one that a passage holds goes with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from rightsflow.domain.disclosure.as_read import INVISIBLE, Span, readings
from rightsflow.domain.disclosure.json_tree import JSON, rewrite_mapping
from rightsflow.domain.disclosure.marks import MARK, MARKS, PASSAGE, marks_in
from rightsflow.domain.disclosure.mask_choices import MOST_PASSAGE_CHARACTERS
from rightsflow.domain.disclosure.text_files import text_of
from rightsflow.domain.errors import BadInput
from rightsflow.domain.spellings.wordforms import compose, fold
from rightsflow.domain.vocabulary.records import Document, Part

_FEWEST_CHARACTERS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A part without some passages.

    Args:
        part: The part.
        places: How often each passage was masked, by its place among them.
        swallowed: The marks that went with a passage, by kind.
    """

    part: Part
    places: Counter[int]
    swallowed: Counter[str]


def read_passage(typed: str) -> str:
    """A passage without the white space around it.

    Args:
        typed: As it was typed or pasted.

    Raises:
        BadInput: It is too short or too long to be masked by its wording.
    """
    if len(typed) > MOST_PASSAGE_CHARACTERS:
        raise BadInput(
            f"The passage is longer than {MOST_PASSAGE_CHARACTERS:,} characters; mask it in parts, or leave the record "
            "out."
        )
    if len(_compared(typed)) < _FEWEST_CHARACTERS:
        raise BadInput(f"Give the passage that is to be masked, at least {_FEWEST_CHARACTERS} characters of it.")
    if MARK.search(typed) and not MARK.sub("", typed).strip():
        raise BadInput("That is masked already; give a passage that the person would read.")
    return " ".join(typed.split())


def is_alike(text: str, another: str) -> bool:
    """Return whether two passages are found at the same places.

    Args:
        text: A passage.
        another: Another one.
    """
    return _compared(text) == _compared(another)


def hide_passages(part: Part, passages: Sequence[str]) -> Hidden:
    """Mask passages in a part's texts, keys and numbers included; a blob's bytes are looked into where they are text.

    Args:
        part: The part, masked already.
        passages: The passages, as :func:`read_passage` gives them.
    """
    hider = _Hider([_compared(passage) for passage in passages])
    if isinstance(part, Document):
        clean: Part = replace(part, content=rewrite_mapping(part.content, hider))
    else:
        clean = replace(part, name=hider.text(part.name, ""), metadata=rewrite_mapping(part.metadata, hider))
        if file := text_of(part):
            hidden = hider.text(file.content, "")
            clean = replace(clean, open=partial(file.with_text, hidden)) if hidden != file.content else clean
    return Hidden(part=clean, places=hider.places, swallowed=hider.swallowed)


@dataclass
class _Hider:
    """Rewrites a tree, and counts."""

    passages: Sequence[str]
    places: Counter[int] = field(default_factory=Counter)
    swallowed: Counter[str] = field(default_factory=Counter)

    def number(self, original: float, under: str) -> JSON:
        """A number is masked as it is written."""
        masked = self.text(str(original), under)
        return original if masked == str(original) else masked

    def text(self, original: str, under: str) -> str:  # noqa: ARG002 - the protocol's form
        """A text without the passages."""
        text = compose(original)
        spans = list(_apart(sorted(self._spans(text))))
        if not spans:
            return original
        pieces, at = list[str](), 0
        for start, end, which in spans:
            pieces += [text[at:start], MARKS[PASSAGE]]
            self.places[which] += 1
            self.swallowed += marks_in(text[start:end])
            at = end
        return "".join([*pieces, text[at:]])

    def _spans(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Yield the places of the passages, as written and as read."""
        marks = [match.span() for match in MARK.finditer(text)]
        for seen, where in (_projected(text), *(_folded(*reading) for reading in readings(text))):
            for which, passage in enumerate(self.passages):
                for first, last in _occurrences(seen, passage):
                    span = _around((where[first][0], where[last - 1][1]), marks)
                    if span:
                        yield (*span, which)


def _occurrences(text: str, passage: str) -> Iterator[Span]:
    at = text.find(passage)
    while at >= 0:
        yield at, at + len(passage)
        at = text.find(passage, at + len(passage))


def _around(span: Span, marks: Sequence[Span]) -> Span | None:
    """Extend a span so that it cuts no mark; ``None`` for a span within a mark."""
    start, end = span
    for first, last in marks:
        if first <= start and end <= last and (start, end) != (first, last):
            return None
        if first < end and start < last:
            start, end = min(start, first), max(end, last)
    return start, end


def _apart(spans: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Spans that overlap as one, which counts for the first of their passages."""
    open_one: tuple[int, int, int] | None = None
    for start, end, which in spans:
        if open_one and start < open_one[1]:
            open_one = (open_one[0], max(open_one[1], end), open_one[2])
            continue
        if open_one:
            yield open_one
        open_one = (start, end, which)
    if open_one:
        yield open_one


def _compared(passage: str) -> str:
    return _projected(INVISIBLE.sub("", passage))[0].strip()


def _projected(text: str) -> tuple[str, list[Span]]:
    """A text as it is compared, and where each of its characters stands.

    Lower case, without accents, each run of white space as one space.
    """
    text = compose(text)
    return _folded(text, [(at, at + 1) for at in range(len(text))])


def _folded(text: str, places: Sequence[Span]) -> tuple[str, list[Span]]:
    seen, where = list[str](), list[Span]()
    for letter, (start, end) in zip(fold(text), places, strict=True):
        if not letter.isspace():
            seen.append(letter)
            where.append((start, end))
        elif seen and seen[-1] == " ":
            where[-1] = (where[-1][0], end)
        else:
            seen.append(" ")
            where.append((start, end))
    return "".join(seen), where
