"""Finds requests of data subjects in texts: which right, in which language, how sure, and where. Pure; keeps nothing.

The rules are phrases (:mod:`rightsflow.detecting.phrases`). A request needs no form and no word of the law (EDPB
Guidelines 01/2022, no. 53-57), so that everyday words count as well as those of the articles.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from rightsflow.detecting.phrases import LANGUAGES, SENTENCE_END, MistypedWords, PhraseBook, phrase_book, plain

SURE: Final = 0.85
"""The score from which a request counts as sure."""
POSSIBLE: Final = 0.5
"""The score from which a text is shown to a person."""
LONGEST_TEXT: Final = 200_000
"""How many characters of a text are read; a longer one holds a log or a file."""

_SURE_PHRASE: Final = 0.9
_POSSIBLE_PHRASE: Final = 0.5
_BESIDE_LAW: Final = 0.2
_MOST: Final = 0.99
_HEEDED: Final = 40
"""How many characters behind a vague phrase tell of which right it is."""
_WORD: Final = re.compile(r"[^\W_]+|[.!?;:]+(?=\s|$)|\n\s*\n|\n\s*[-*•]\s|\n(?=>)")
_LINE: Final = re.compile(r"[^\n]*\n?")
_QUOTED: Final = re.compile(r"\s*>")
_MOST_LANGUAGES: Final = 3
_FEW_WORDS: Final = 12


@dataclass(frozen=True, slots=True)
class FoundRequest:
    """A request found in a text.

    Args:
        right: The name of the right, as the files of phrases call it.
        score: From 0 to 1.
        language: The language of the phrase (ISO 639-1).
        start: The first character of the phrase in the text.
        end: The one behind its last.
    """

    right: str
    score: float
    language: str
    start: int
    end: int

    @property
    def is_sure(self) -> bool:
        """True if it is one unless a person sees otherwise."""
        return self.score >= SURE


@dataclass(frozen=True, slots=True)
class _Words:
    """A text in the words of one language, and where each stands."""

    text: str
    starts: tuple[int, ...]
    places: tuple[tuple[int, int], ...]

    def place(self, start: int, end: int) -> tuple[int, int]:
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, end - 1) - 1
        return self.places[first][0], self.places[last][1]


def find_requests(text: str) -> list[FoundRequest]:
    """Return the requests in a text, the surest first, at most one a right.

    Args:
        text: What somebody wrote or said.
    """
    read = text[:LONGEST_TEXT]
    best: dict[str, FoundRequest] = {}
    for language in _languages(read):
        for found in _found(read, phrase_book(language)):
            known = best.get(found.right)
            if known is None or found.score > known.score:
                best[found.right] = found
    return sorted(best.values(), key=lambda found: (-found.score, found.start, found.right))


def _languages(text: str) -> Sequence[str]:
    """The languages that a text may be in, the likeliest first."""
    spoken = [found[0] for found in _WORD.finditer(text) if found[0][0].isalnum()]
    shares = {}
    for language in LANGUAGES:
        common = phrase_book(language).common
        shares[language] = sum(plain(word, language) in common for word in spoken)
    ranked = sorted(LANGUAGES, key=lambda language: -shares[language])
    if len(spoken) < _FEW_WORDS:
        return ranked
    return [language for language in ranked if shares[language] * 3 >= shares[ranked[0]]][:_MOST_LANGUAGES]


@cache
def _corrector(language: str) -> MistypedWords:
    return MistypedWords(phrase_book(language).words)


def _found(text: str, book: PhraseBook) -> Iterator[FoundRequest]:
    words = _words(text, book)
    void = [found.span() for found in book.void.finditer(words.text)]

    def first(right: str, pattern: re.Pattern[str], *, heed_next: int = 0) -> tuple[int, int] | None:
        for found in pattern.finditer(words.text):
            start, end = found.span()
            is_void = any(start < last and at < end for at, last in void)
            if not is_void and not book.unless[right].search(words.text, start, end + heed_next):
                return start, end
        return None

    bonus = _BESIDE_LAW if book.law.search(words.text) else 0.0
    for right, pattern in book.sure.items():
        place = first(right, pattern)
        score = _SURE_PHRASE + bonus
        if place is None:
            hits = [hit for possible in book.possible[right] if (hit := first(right, possible, heed_next=_HEEDED))]
            if not hits:
                continue
            place, score = hits[0], _POSSIBLE_PHRASE + bonus + 0.2 * (len(hits) > 1)
        yield FoundRequest(right, min(score, _MOST), book.language, *words.place(*place))


def _words(text: str, book: PhraseBook) -> _Words:
    corrector = _corrector(book.language)
    made, starts, places, at = [], [], [], 0
    for begin, end in _counted(text, book):
        for found in _WORD.finditer(text, begin, end):
            word = plain(found[0], book.language) if found[0][0].isalnum() else SENTENCE_END
            if word in book.fillers:
                continue
            word = word if word == SENTENCE_END else corrector.corrected(word)
            made.append(word)
            starts.append(at)
            places.append(found.span())
            at += len(word) + 1
    return _Words("".join(f"{word} " for word in made), tuple(starts), tuple(places))


def _counted(text: str, book: PhraseBook) -> Iterator[tuple[int, int]]:
    """Yield the stretches that the writer wrote: no quoted lines, no signature; of a forwarded message all."""
    forwarded = False
    for line in _LINE.finditer(text):
        opening = _opening(line[0], book)
        if book.forward.match(opening):
            forwarded = True
        elif not forwarded and book.quote.match(opening):
            return
        if book.signature.match(opening) and line.start():
            return
        if forwarded or not _QUOTED.match(line[0]):
            yield line.span()


def _opening(line: str, book: PhraseBook) -> str:
    found = [found[0] for found in _WORD.finditer(line[:200]) if found[0][0].isalnum()]
    return "".join(f"{plain(word, book.language)} " for word in found[:16])
