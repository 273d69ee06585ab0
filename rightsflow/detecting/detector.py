"""Finds requests of data subjects in texts: which right, in which language, how sure, and where. Pure; keeps nothing.

A request needs no form and no word of the law (EDPB Guidelines 01/2022, no. 53-57), so that everyday words count as
well as those of the articles: a rule names meanings ("erase mine data"), and each language lists the words for them
(:mod:`rightsflow.detecting.phrases`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

from rightsflow.detecting.phrases import LANGUAGES, PhraseBook, RequestRule, phrase_book, plain, rules

SURE: Final = 0.85
"""The score from which a request counts as sure."""
POSSIBLE: Final = 0.5
"""The score from which a text is shown to a person."""
LONGEST_TEXT: Final = 200_000
"""How many characters of a text are read; a longer one holds a log or a file."""

_SURE_RULE: Final = 0.9
_RULE_BESIDE_LAW: Final = 0.6
_LAW: Final = 0.09
_WIDEST: Final = 14
"""How many words a rule's meanings may span."""
_WIDEST_BESIDE_LAW: Final = 25
_NEXT_TO: Final = 3
"""How many words away another matter, such as an order, takes a rule's words for itself."""
_NEGATES: Final = 3
"""How many words before a verb its negation may be; one of keeping may be far: "that nothing about me is kept"."""
_NEGATES_KEEPING: Final = 7
_WISH_REACHES: Final = 9
"""How many words behind an ask its verb may stand."""
_WORD: Final = re.compile(
    r"(?P<word>[^\W_]+)"
    r"|(?P<end>(?:\.+(?!\s+[\da-zà-öø-ÿąćęłńśźż])|[!?;…]+)(?=\s|[\"”“»)]|$)|[\"“”„«»])"
    r"|(?P<clause>[.,:()–]|\s-\s)"
)
"""Words; ends of sentences, but for a dot before a small letter or a number, as in "Art. 15"; ends of clauses."""
_NEW_PARAGRAPH: Final = re.compile(r"\s*$|\s*[-*•]\s")
_LINE: Final = re.compile(r"[^\n]*\n?")
_QUOTED: Final = re.compile(r"\s*>")
_SIGNATURE: Final = re.compile(r"\s*--\s*$")
_MOST_LANGUAGES: Final = 3
_FEW_WORDS: Final = 12
_NEGATABLE: Final = (
    "erase",
    "erase_me",
    "keep",
    "stay",
    "hold",
    "give",
    "use",
    "block",
    "object",
    "share",
    "profile",
    "correct",
    "change",
    "move",
)
_WHOLE_SENTENCE: Final = frozenset({"office", "past", "notice", "how"})
"""Meanings that decide about their whole sentence, and not only about the words next to them."""
_OTHER_MATTERS: Final = _WHOLE_SENTENCE | {"other", "thing", "newsletter", "no_erase", "no_ask"}
_OF_CALLERS: Final = {"mine": "his", "about_me": "about_him", "me": "him"}

Hits = dict[str, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class FoundRequest:
    """A request found in a text.

    Args:
        right: The name of the right, as the rules call it.
        score: From 0 to 1.
        language: The language of the words (ISO 639-1).
        start: The first character of the words in the text.
        end: The one behind their last.
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


@dataclass(slots=True)
class _Sentence:
    """The words of a sentence, the clause of each, and where each stands in the text."""

    words: list[str]
    clauses: list[int]
    places: list[tuple[int, int]]


def find_requests(text: str) -> list[FoundRequest]:
    """Return the requests in a text, the surest first, at most one a right.

    Args:
        text: The words that a person wrote or said.
    """
    read = text[:LONGEST_TEXT]
    best: dict[str, FoundRequest] = {}
    for language in _languages(read):
        for found in _found(read, phrase_book(language)):
            known = best.get(found.right)
            if known is None or found.score > known.score:
                best[found.right] = found
    prevailing = list(dict.fromkeys(rule.right for rule in rules()))
    return sorted(best.values(), key=lambda found: (-found.score, prevailing.index(found.right)))


def _languages(text: str) -> Sequence[str]:
    """The languages that a text may be in, the likeliest first."""
    spoken = [plain(found[0], "") for found in _WORD.finditer(text) if found["word"]]
    known = _languages_of_words()
    shares = Counter(language for word in spoken for language in known.get(word, ()))
    ranked = sorted(LANGUAGES, key=lambda language: -shares[language])
    if len(spoken) < _FEW_WORDS:
        return ranked
    return [language for language in ranked if shares[language] * 2 >= shares[ranked[0]]][:_MOST_LANGUAGES]


@cache
def _languages_of_words() -> dict[str, list[str]]:
    """The languages of each frequent word."""
    known: dict[str, list[str]] = {}
    for language in LANGUAGES:
        for word in phrase_book(language).common:
            known.setdefault(word, []).append(language)
    return known


def _found(text: str, book: PhraseBook) -> Iterator[FoundRequest]:
    read = [(sentence, _hits(sentence, book)) for sentence in _sentences(text, book) if sentence.words]
    for (_, before), (_, hits) in pairwise(read):
        if "relative" in before:
            _count_third_person(hits)
        if _speaks_of_own_data(before):
            hits["said_before"] = [(0, 0)]
    speaks_of_law = any("law" in hits for _, hits in read)
    for sentence, hits in read:
        for rule in rules() if hits else ():
            if not (rule.is_sure or speaks_of_law) or not rule.fits(hits):
                continue
            place = next(_places(rule, hits), None)
            if place is not None:
                score = (_SURE_RULE if rule.is_sure else _RULE_BESIDE_LAW) + speaks_of_law * _LAW
                start, end = sentence.places[place[0]][0], sentence.places[place[1] - 1][1]
                yield FoundRequest(rule.right, score, book.language, start, end)


def _speaks_of_own_data(hits: Hits) -> bool:
    return "data" in hits and bool(hits.keys() & {"mine", "about_me"}) and not hits.keys() & _OTHER_MATTERS


def _places(rule: RequestRule, hits: Hits) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a sentence in which each of a rule's meanings stands."""
    events = sorted(
        (start, end, number)
        for number, meanings in enumerate(rule.needs)
        for meaning in meanings
        for start, end in hits.get(meaning, ())
    )
    widest = _WIDEST if rule.is_sure else _WIDEST_BESIDE_LAW
    latest: dict[int, tuple[int, int]] = {}
    for start, end, number in events:
        if number in latest and (start, end) in latest.values():
            continue  # The word fills another place already.
        latest[number] = (start, end)
        first, last = min(latest.values())[0], max(end for _, end in latest.values())
        is_filled = len(latest) == len(rule.needs) == len(set(latest.values()))
        if is_filled and last - first <= widest and not _is_of_another_matter(rule, hits, first, last):
            yield first, last


def _is_of_another_matter(rule: RequestRule, hits: Hits, first: int, last: int) -> bool:
    for meaning in rule.unless & hits.keys():
        reach = _WIDEST if meaning in _WHOLE_SENTENCE else _NEXT_TO
        if any(start < last + reach and end > first - reach for start, end in hits[meaning]):
            return True
    return False


def _hits(sentence: _Sentence, book: PhraseBook) -> Hits:
    """The meanings of a sentence's words; those of a negated verb are called `no_` and the verb's."""
    hits: Hits = {}
    place = 0
    while place < len(sentence.words):
        found, following = book.meanings.at(sentence.words, place)
        for meaning, end in found:
            hits.setdefault(meaning, []).append((place, end))
        place = following
    if "caller" in hits or "relative" in hits:
        _count_third_person(hits)
    if "not" in hits or "stop" in hits:
        _mark_negated(hits, sentence.clauses, book.negation_behind)
    return hits


def _count_third_person(hits: Hits) -> None:
    """Let "his" count like "my", where the person whose data it is was named."""
    for own, of_caller in _OF_CALLERS.items():
        if of_caller in hits:
            hits[own] = hits.get(own, []) + hits[of_caller]


def _mark_negated(hits: Hits, clauses: Sequence[int], behind: int) -> None:
    """Rename the negated verbs: next to a negation in its clause, or the first behind an unwanted wish or a "stop"."""

    def is_negated(verb: tuple[int, int], before: int, after: int) -> bool:
        return any(
            (0 <= verb[0] - end <= before or 0 <= start - verb[1] < after) and clauses[start] == clauses[verb[0]]
            for start, end in hits.get("not", ())
        )

    wishes = hits.get("ask", [])
    unwished = [wish for wish in wishes if is_negated(wish, 2, min(behind, 2))]
    verbs = sorted({verb for meaning in _NEGATABLE for verb in hits.get(meaning, ())})
    reached = set()
    for wish in unwished + hits.get("stop", []):
        behind_wish = [verb for verb in verbs if 0 <= verb[0] - wish[1] <= _WISH_REACHES]
        if behind_wish and not any(wish[1] <= other[0] < behind_wish[0][0] for other in wishes):
            reached.add(behind_wish[0])
    if unwished:
        hits["no_ask"] = unwished
    for meaning in _NEGATABLE:
        listed = hits.pop(meaning, [])
        before = _NEGATES_KEEPING if meaning in {"keep", "stay"} else _NEGATES
        negated = [verb for verb in listed if verb in reached or is_negated(verb, before, behind)]
        for name, renamed in ((f"no_{meaning}", negated), (meaning, [verb for verb in listed if verb not in negated])):
            if renamed:
                hits[name] = renamed


def _sentences(text: str, book: PhraseBook) -> Iterator[_Sentence]:
    corrected: dict[str, str] = {}
    sentence, clause = _Sentence([], [], []), 0
    for begin, end in _counted(text, book):
        if _NEW_PARAGRAPH.match(text[begin:end]):
            yield sentence
            sentence = _Sentence([], [], [])
        for found in _WORD.finditer(text, begin, end):
            if found.lastgroup == "end":
                yield sentence
                sentence = _Sentence([], [], [])
            if found.lastgroup != "word":
                clause += 1
                continue
            word = plain(found[0], book.language)
            if word in book.fillers:
                continue
            if word not in corrected:
                corrected[word] = book.corrector.corrected(word)
            sentence.words.append(corrected[word])
            sentence.clauses.append(clause)
            sentence.places.append(found.span())
    yield sentence


def _counted(text: str, book: PhraseBook) -> Iterator[tuple[int, int]]:
    """Yield the stretches that the writer wrote: no quoted lines, no signature; of a forwarded message all."""
    forwarded = False
    for line in _LINE.finditer(text):
        opening = _opening(line[0], book)
        if "forward" in opening:
            forwarded = True
        elif not forwarded and "quote" in opening:
            return
        if line.start() and ("signature" in opening or _SIGNATURE.match(line[0])):
            return
        if forwarded or not _QUOTED.match(line[0]):
            yield line.span()


def _opening(line: str, book: PhraseBook) -> Iterable[str]:
    words = [plain(found[0], book.language) for found in _WORD.finditer(line[:200]) if found["word"]][:16]
    return {meaning for meaning, _ in book.cut.at(words, 0)[0]} if words else ()
