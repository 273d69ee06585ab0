"""The words of a language by their meaning, as a lawyer reads and corrects them in `phrases/<language>.toml`.

A meaning is a list of phrases, divided by commas:

=================  ==========================================================
``word``           the word, however it is accented; one letter may be mistyped in words of five letters and more,
                   two swapped or one doubled in words of four
``word*``          the word with any ending
``(a|b c)``        one of these
``(a)?``           may be missing
``..``             up to three words
=================  ==========================================================

Which meanings make a request, `phrases/rules.toml` says for all languages.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Any, Final

LANGUAGES: Final = ("en", "de", "fr", "es", "it", "nl", "pl")
"""The languages whose phrases are known, by their ISO 639-1 codes."""
SENTENCE_END: Final = "."

_TOKEN: Final = re.compile(r"\s*(\.\.|[()|?]|[^\W_]+\*?|['’-])")
_GAP: Final = ".."
_WIDEST_GAP: Final = 3
_SPLIT_LETTERS: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ß": "ss"})
_UMLAUTS: Final = re.compile(r"([aou])e")
_SHORTEST_MISTYPED: Final = 5

Phrase = tuple[str, ...]


class UnreadablePhraseError(ValueError):
    """A phrase or rule of a file cannot be read; the sentence quotes it."""


def plain(word: str, language: str) -> str:
    """Return a word without case and accents, as phrases and texts are compared.

    Args:
        word: The word.
        language: The language, of which German writes an umlaut in two ways.
    """
    folded = word.casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFKD", folded.translate(_SPLIT_LETTERS))
        folded = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return _UMLAUTS.sub(r"\1", folded) if language == "de" else folded


OPEN_MEANINGS: Final = frozenset(
    [
        "account",
        "article",
        "caller",
        "consent",
        "elsewhere",
        "format",
        "gave",
        "law",
        "processing",
        "relative",
        "whence",
        "while",
    ]
)
"""Meanings within whose phrases single words keep their own meaning."""

_Entry = tuple[Phrase, str, bool]


class Meanings:
    """Phrases by their first word, so that a text's words are looked up instead of searched.

    Args:
        phrases: By meaning, its phrases.
    """

    def __init__(self, phrases: Mapping[str, Sequence[Phrase]]) -> None:
        self._by_word: dict[str, list[_Entry]] = {}
        self._by_stem: dict[str, list[_Entry]] = {}
        for meaning, listed in phrases.items():
            for first, *rest in listed:
                index = self._by_stem if first.endswith("*") else self._by_word
                is_whole = _GAP not in rest and meaning not in OPEN_MEANINGS
                index.setdefault(first.removesuffix("*"), []).append((tuple(rest), meaning, is_whole))
        self._stem_lengths = sorted({len(stem) for stem in self._by_stem})
        self.names = frozenset(phrases)
        """The meanings."""

    def at(self, words: Sequence[str], place: int) -> tuple[list[tuple[str, int]], int]:
        """Return the meanings of the phrases that begin at a word, and the place of the next word to read.

        The longest phrase alone counts, and its words have no other meaning: "data plan" is no data. Phrases with a gap
        and those of an open meaning leave the words between what they are.

        Args:
            words: The text's words.
            place: Where the phrases begin.
        """
        word = words[place]
        entries = self._by_word.get(word, [])
        for length in self._stem_lengths:
            if length > len(word):
                break
            entries = entries + self._by_stem.get(word[:length], [])
        if not entries:
            return [], place + 1
        following = words[place + 1] if place + 1 < len(words) else ""
        hits = [
            (meaning, end, whole)
            for rest, meaning, whole in entries
            if not rest or rest[0] == following or rest[0][-1] in "*."
            if (end := _end(words, place + 1, rest))
        ]
        longest = max((end for _, end, whole in hits if whole), default=place + 1)
        return [(meaning, end) for meaning, end, whole in hits if not whole or end == longest], longest


def _end(words: Sequence[str], place: int, rest: Phrase) -> int:
    """Return the place behind a phrase's last word, or 0 if the words are others."""
    for number, part in enumerate(rest):
        if part == _GAP:
            ends = (_end(words, place + gap, rest[number + 1 :]) for gap in range(_WIDEST_GAP + 1))
            return 0 if SENTENCE_END in words[place : place + 1] else next((end for end in ends if end), 0)
        if place >= len(words) or not _is_word(words[place], part):
            return 0
        place += 1
    return place


def _is_word(word: str, part: str) -> bool:
    return word.startswith(part[:-1]) if part.endswith("*") else word == part


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """The phrases of one language.

    Args:
        language: Its code.
        common: Frequent words by which a text in the language is known.
        fillers: Words that speakers put between others.
        negation_behind: How many words behind a verb its negation may stand.
        meanings: Its phrases by meaning.
        cut: Phrases at the beginning of a line that end or begin what counts.
        corrector: Corrects mistyped words to those of the phrases.
    """

    language: str
    common: frozenset[str]
    fillers: frozenset[str]
    negation_behind: int
    meanings: Meanings
    cut: Meanings
    corrector: MistypedWords


@cache
def phrase_book(language: str) -> PhraseBook:
    """Return the phrases of a language, read once.

    Args:
        language: One of :data:`LANGUAGES`.

    Raises:
        UnreadablePhraseError: A phrase cannot be read.
    """
    return read_phrase_book(language, _table(language))


def read_phrase_book(language: str, tables: Mapping[str, Any]) -> PhraseBook:
    """Return the phrases of a file.

    Args:
        language: The language's code.
        tables: The file's tables.

    Raises:
        UnreadablePhraseError: A phrase cannot be read.
    """
    words = tables["words"]
    common = frozenset(plain(word, language) for word in words["common"])
    fillers = frozenset(plain(word, language) for word in words["fillers"])
    meanings = {name: _without(fillers, phrases(listed, language)) for name, listed in tables["meanings"].items()}
    real = frozenset(word for phrase in phrases(words.get("real", ""), language) for word in phrase)
    known = frozenset(word for listed in meanings.values() for phrase in listed for word in phrase if word != _GAP)
    return PhraseBook(
        language=language,
        common=common,
        fillers=fillers,
        negation_behind=words["negation_behind"],
        meanings=Meanings(meanings),
        cut=Meanings({name: phrases(listed, language) for name, listed in tables["cut"].items()}),
        corrector=MistypedWords(known | common, real),
    )


def _without(fillers: frozenset[str], listed: Sequence[Phrase]) -> list[Phrase]:
    """Return phrases without the words that are passed over in texts."""
    return [bare for phrase in listed if (bare := tuple(word for word in phrase if word not in fillers))]


@dataclass(frozen=True, slots=True)
class RequestRule:
    """What makes a request of a right: one word of each meaning, near each other, in any order.

    Args:
        right: The right.
        needs: For each place, the meanings of which one fills it.
        is_sure: False if it counts only in a text with a word of the law.
        unless: Meanings next to which it does not count.
    """

    right: str
    needs: tuple[frozenset[str], ...]
    is_sure: bool
    unless: frozenset[str]

    def fits(self, hits: Mapping[str, object]) -> bool:
        """Return true if each place can be filled.

        Args:
            hits: By their name, the meanings that stand in a sentence.
        """
        return all(not meanings.isdisjoint(hits) for meanings in self.needs)


@cache
def rules() -> tuple[RequestRule, ...]:
    """Return the rules, the rights in the order in which they prevail."""
    return tuple(
        _rule(right, rule, table["unless"], is_sure=kind == "sure")
        for right, table in _table("rules").items()
        for kind in ("sure", "beside_law")
        for rule in table.get(kind, [])
    )


def _rule(right: str, rule: str, unless: str, *, is_sure: bool) -> RequestRule:
    needs = tuple(frozenset(place.split("|")) for place in rule.split() if not place.startswith("-"))
    own = {place[1:] for place in rule.split() if place.startswith("-")}
    return RequestRule(right, needs, is_sure, frozenset(unless.split()) | own)


def _table(name: str) -> dict[str, Any]:
    source = files("rightsflow.detecting").joinpath("phrases", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


def phrases(listed: str, language: str) -> list[Phrase]:
    """Return the phrases of a list, each as it is with every choice made.

    Args:
        listed: The phrases, divided by commas.
        language: Their language.

    Raises:
        UnreadablePhraseError: A phrase cannot be read.
    """
    return [made for phrase in re.split(r"[,\n]", listed) if phrase.strip() for made in _choices(phrase, language)]


def _choices(phrase: str, language: str) -> list[Phrase]:
    parts = list(_parts(phrase))
    depths = list(accumulate({"(": 1, ")": -1}.get(part, 0) for part in parts))
    if min(depths) < 0 or depths[-1]:
        raise UnreadablePhraseError(f"Brackets do not match in the phrase “{phrase.strip()}”.")
    made, _ = _alternatives(parts, 0, language)
    return sorted(set(made) - {()})


def _alternatives(parts: list[str], place: int, language: str) -> tuple[list[Phrase], int]:
    """Return what is between brackets, written out, and the place behind it."""
    closed: list[Phrase] = []
    open_: list[Phrase] = [()]
    while place < len(parts) and parts[place] != ")":
        part, place = parts[place], place + 1
        if part == "|":
            closed, open_ = closed + open_, [()]
            continue
        ways: list[Phrase] = [(part if part == _GAP else _plain_part(part, language),)]
        if part == "(":
            ways, place = _alternatives(parts, place, language)
            if parts[place : place + 1] == ["?"]:
                ways, place = [*ways, ()], place + 1
        open_ = [before + way for before in open_ for way in ways]
    return closed + open_, place + 1


def _plain_part(part: str, language: str) -> str:
    return plain(part.removesuffix("*"), language) + "*" * part.endswith("*")


def _parts(phrase: str) -> Iterator[str]:
    at, text = 0, phrase.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise UnreadablePhraseError(f"“{text[at:].strip()[0]}” is not readable in the phrase “{phrase.strip()}”.")
        if found[1] not in "'’-":
            yield found[1]
        at = found.end()


class MistypedWords:
    """Corrects words with one mistyped letter to the words of the phrases.

    Args:
        words: The words; one with a star is the beginning of words.
        real: Other words that one might take for a mistyped one.
    """

    def __init__(self, words: frozenset[str], real: frozenset[str] = frozenset()) -> None:
        self._stems = frozenset(word[:-1] for word in words if word.endswith("*"))
        self._whole = frozenset(word for word in words if not word.endswith("*"))
        self._real = tuple(word.removesuffix("*") for word in real)
        self._stem_lengths = sorted({len(stem) for stem in self._stems})
        self._by_gap: dict[str, str] = {}
        self._stem_by_gap: dict[str, str] = {}
        for index, known in ((self._by_gap, self._whole), (self._stem_by_gap, self._stems)):
            for word in sorted(known):
                if len(word) >= _SHORTEST_MISTYPED - (index is self._by_gap):
                    for gap in (word, *_gaps(word)):
                        index.setdefault(gap, word)
        long_stems = [stem for stem in self._stems if len(stem) >= _SHORTEST_MISTYPED]
        self._ends_by_letter = {
            first: sorted(
                {len(stem) + slip for stem in long_stems if stem[0] == first for slip in (-1, 0, 1)}, reverse=True
            )
            for first in {stem[0] for stem in long_stems}
        }

    def corrected(self, word: str) -> str:
        """Return the word of the phrases that a word is meant for, or the word itself.

        Args:
            word: The word, without case and accents.
        """
        if len(word) < _SHORTEST_MISTYPED - 1 or word in self._whole:
            return word
        if word.startswith(self._real) or any(word[:length] in self._stems for length in self._stem_lengths):
            return word
        return _meant(word, self._by_gap) or self._stem_meant(word) or word

    def _stem_meant(self, word: str) -> str | None:
        for end in self._ends_by_letter.get(word[0], ()):
            if end > len(word):
                continue
            meant = _meant(word[:end], self._stem_by_gap)
            if meant:
                return meant
        return None


def _meant(typed: str, by_gap: Mapping[str, str]) -> str | None:
    for gap in (typed, *_gaps(typed)):
        meant = by_gap.get(gap)
        if meant is not None and _is_one_slip(typed, meant):
            return meant
    return None


def _gaps(word: str) -> Iterator[str]:
    """Yield a word with one letter left out, the first one excepted, which people seldom mistype."""
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]


def _is_one_slip(typed: str, meant: str) -> bool:
    """True if one letter is missing, added, another one, or changed places with its neighbour."""
    if abs(len(typed) - len(meant)) > 1:
        return False
    at = next((at for at, (one, other) in enumerate(zip(typed, meant, strict=False)) if one != other), None)
    if at is None:
        return True
    rest, due = typed[at:], meant[at:]
    is_swapped = rest[1::-1] == due[:2] and rest[2:] == due[2:]
    if len(meant) < _SHORTEST_MISTYPED:
        return is_swapped or (rest[1:] == due and typed[at] == typed[at - 1])
    return is_swapped or rest[1:] == due or rest == due[1:] or (rest[1:] == due[1:] != "")
