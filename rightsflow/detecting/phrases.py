"""Phrases by which a request is found, as they stand in the files of each language, made into patterns.

A phrase is written in words, so that a lawyer can read and correct it:

=================  ==========================================================
``word``           the word, however it is accented; one letter may be mistyped in words of five letters and more
``word*``          the word with any ending
``(a|b c)``        one of these
``(a)?``           may be missing
``..``             up to three words
``...``            up to nine words
``^``              the sentence begins here
``<name>``         one of the file's list of that name
=================  ==========================================================
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

LANGUAGES: Final = ("en", "de", "fr", "es", "it", "nl", "pl")
"""The languages whose phrases are known, by their ISO 639-1 codes."""
NO_RIGHTS: Final = frozenset({"words", "lists", "law", "void", "cut"})
"""Tables of a file that name no right."""
SENTENCE_END: Final = "."

_PART: Final = re.compile(r"\s*(\.\.\.|\.\.|<[\w-]+>|[()|?^]|[\w*]+)")
_GAPS: Final = {"..": 3, "...": 9}
_SPLIT_LETTERS: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ß": "ss"})
_UMLAUTS: Final = re.compile(r"([aou])e")
_SHORTEST_MISTYPED: Final = 5


class UnreadablePhraseError(ValueError):
    """A phrase of a file cannot be read; the sentence quotes it."""


def plain(word: str, language: str) -> str:
    """Return a word without case and accents, as phrases and texts are compared.

    Args:
        word: The word.
        language: The language, of which German writes an umlaut in two ways.
    """
    folded = unicodedata.normalize("NFKD", word.casefold().translate(_SPLIT_LETTERS))
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return _UMLAUTS.sub(r"\1", bare) if language == "de" else bare


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """The phrases of one language.

    Args:
        language: Its code.
        common: Frequent words by which a text in the language is known.
        fillers: Words that speakers put between others.
        words: All words of the phrases, without endings, by which mistyped ones are corrected.
        sure: By the name of a right, patterns that are a request.
        possible: By the name of a right, patterns that may be one.
        unless: By the name of a right, what makes a phrase one of another right.
        law: Patterns that point to the law.
        void: Patterns within which nothing counts.
        signature: Beginnings of a line after which nothing counts.
        quote: Beginnings of a line after which stands what others wrote.
        forward: Beginnings of a line after which stands a forwarded message, which counts.
    """

    language: str
    common: frozenset[str]
    fillers: frozenset[str]
    words: frozenset[str]
    sure: Mapping[str, re.Pattern[str]]
    possible: Mapping[str, tuple[re.Pattern[str], ...]]
    unless: Mapping[str, re.Pattern[str]]
    law: re.Pattern[str]
    void: re.Pattern[str]
    signature: re.Pattern[str]
    quote: re.Pattern[str]
    forward: re.Pattern[str]


@cache
def phrase_book(language: str) -> PhraseBook:
    """Return the phrases of a language, read once.

    Args:
        language: One of :data:`LANGUAGES`.

    Raises:
        UnreadablePhraseError: A phrase cannot be read.
    """
    source = files("rightsflow.detecting").joinpath("phrases", f"{language}.toml").read_text(encoding="utf-8")
    return read_phrase_book(language, tomllib.loads(source))


def read_phrase_book(language: str, tables: Mapping[str, Any]) -> PhraseBook:
    """Return the phrases of a file.

    Args:
        language: The language's code.
        tables: The file's tables.

    Raises:
        UnreadablePhraseError: A phrase cannot be read.
    """
    reader = _Reader(language, tables["lists"])
    rights = {name: table for name, table in tables.items() if name not in NO_RIGHTS}
    cut = tables["cut"]
    return PhraseBook(
        language=language,
        common=frozenset(plain(word, language) for word in tables["words"]["common"]),
        fillers=frozenset(plain(word, language) for word in tables["words"]["fillers"]),
        sure={name: reader.any_of(table["sure"]) for name, table in rights.items()},
        possible={name: tuple(map(reader.one, table["possible"])) for name, table in rights.items()},
        unless={name: reader.any_of(table.get("unless", [])) for name, table in rights.items()},
        law=reader.any_of(tables["law"]["hints"]),
        void=reader.any_of(tables["void"]["phrases"]),
        signature=reader.any_of(cut["signature"]),
        quote=reader.any_of(cut["quote"]),
        forward=reader.any_of(cut["forward"]),
        words=frozenset(reader.words),
    )


class _Reader:
    """Reads phrases, and collects their words.

    Args:
        language: The language.
        lists: Its lists, each written as a phrase.
    """

    def __init__(self, language: str, lists: Mapping[str, str]) -> None:
        self.words: set[str] = set()
        self._language = language
        self._lists = lists

    def one(self, phrase: str) -> re.Pattern[str]:
        return re.compile(rf"(?<!\S){self._expression(phrase)}")

    def any_of(self, phrases: list[str]) -> re.Pattern[str]:
        made = "|".join(map(self._expression, phrases))
        return re.compile(rf"(?<!\S)(?:{made})" if made else r"(?!)")

    def _expression(self, phrase: str) -> str:
        made, depth = [], 0
        for part in _parts(phrase):
            depth += {"(": 1, ")": -1}.get(part, 0)
            if depth < 0:
                break
            made.append(self._part(part, phrase))
        if depth:
            raise UnreadablePhraseError(f"Brackets do not match in the phrase “{phrase}”.")
        return "".join(made)

    def _part(self, part: str, phrase: str) -> str:
        if part in _GAPS:
            return rf"(?:\w+ ){{0,{_GAPS[part]}}}?"
        if part == "(":
            return "(?:"
        if part == "^":
            return rf"(?:(?<=\{SENTENCE_END} )|(?<![\s\S]))"
        if part in {")", "|", "?"}:
            return part
        if part.startswith("<"):
            listed = self._lists.get(part[1:-1])
            if listed is None:
                raise UnreadablePhraseError(f"There is no list {part}, which the phrase “{phrase}” names.")
            return self._expression(listed)
        return self._word(plain(part, self._language))

    def _word(self, word: str) -> str:
        self.words.add(word.split("*", maxsplit=1)[0])
        return word.replace("*", r"\w*") + " "


def _parts(phrase: str) -> Iterator[str]:
    at, text = 0, phrase.rstrip()
    while at < len(text):
        found = _PART.match(text, at)
        if found is None:
            raise UnreadablePhraseError(f"“{text[at]}” is not readable in the phrase “{phrase}”.")
        yield found[1]
        at = found.end()


class MistypedWords:
    """Corrects words with one mistyped letter to the words of the phrases.

    Args:
        words: The words, some of them beginnings.
    """

    def __init__(self, words: frozenset[str]) -> None:
        self._known = words
        self._longest = max(map(len, words), default=0)
        self._by_gap: dict[str, str] = {}
        for word in sorted(words):
            if len(word) >= _SHORTEST_MISTYPED:
                for gap in _gaps(word):
                    self._by_gap.setdefault(gap, word)

    def corrected(self, word: str) -> str:
        """Return the word of the phrases that a word is meant for, or the word itself.

        Args:
            word: The word, without case and accents.
        """
        if len(word) < _SHORTEST_MISTYPED or any(word[:end] in self._known for end in range(2, len(word) + 1)):
            return word
        for end in range(min(len(word), self._longest + 1), _SHORTEST_MISTYPED - 2, -1):
            start = word[:end]
            for gap in (start, *_gaps(start)):
                meant = self._by_gap.get(gap)
                if meant is not None and _is_one_slip(start, meant):
                    return meant
        return word


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
    return rest[1:] == due or rest == due[1:] or rest[1:] == due[1:] or (rest[1::-1] == due[:2] and rest[2:] == due[2:])
