"""Masks passages by their wording, letters alone, in a text as its reader sees it.

A passage is found without regard to case, accents and white space, across tags and in entities: what a person copied
from a page is found in the data behind it. A mark is never cut; one that a passage holds goes with it. Spellings that
are read: HTML, letters that no one sees, quoted-printable and encoded words (RFC 2045, RFC 2047), percent-encoding
(RFC 3986) and the escapes of JSON; also one in another, such as a link in a mail's HTML.
"""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from rightsflow.domain.disclosure.file_texts import FileText, apply
from rightsflow.domain.disclosure.mask_choices import MOST_PASSAGE_CHARACTERS
from rightsflow.domain.disclosure.texts import JSON, MARK, MARKS, PASSAGE, marks_in, rewrite_mapping
from rightsflow.domain.errors import BadInput
from rightsflow.domain.spellings.wordforms import compose, fold
from rightsflow.domain.vocabulary.records import Document, Part

Span = tuple[int, int]
_Letters = Iterator[tuple[str, Span]]
Reading = tuple[str, list[Span]]
INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
"""Letters that no reader sees: soft hyphens, and the joiners and spaces without width."""
_TAG: Final = r"</?(?P<tag>[A-Za-z][A-Za-z0-9]{0,20})(?:[\s/][^<>]{0,2000})?/?>|<!--[^<>]{0,2000}-->"
_ENTITY: Final = r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
_WITHOUT_TAGS: Final = re.compile(f"{_TAG}|{_ENTITY}|{INVISIBLE.pattern}")
_WITH_TAGS: Final = re.compile(f"{_ENTITY}|{INVISIBLE.pattern}")
# In quoted-printable digits are never written so, and "id=3412" is no spelling of another number.
_QUOTED: Final = r"=(?!3[0-9])(?:0[9AaDd]|[2-9A-Fa-f][0-9A-Fa-f])"
_ENCODED: Final = re.compile(
    r"(?P<percent>(?:%[0-9A-Fa-f]{2})+)"
    rf"|(?P<quoted>{_QUOTED}(?:(?:=[ \t]{{0,8}}\r?\n)?{_QUOTED})*)"
    r"|(?P<broken>=[ \t]{0,8}\r?\n)"
    r"|(?P<word>=\?[\w-]{1,40}(?:\*[\w-]{1,20})?\?[Bb]\?[A-Za-z0-9+/]{1,200}={0,2}\?=)"
)
_ESCAPED: Final = re.compile(r"(?P<escaped>\\{1,4}(?:u(?P<code>[0-9A-Fa-f]{4})|(?P<space>[nrt])))")
_APART: Final = frozenset({"p", "br", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "h4", "blockquote", "ul", "ol"})
"""Tags between which a reader sees white space."""
_BETWEEN: Final = "\n"
_AS_WRITTEN: Final[tuple[re.Pattern[str], ...]] = (_ESCAPED, _ENCODED, _WITHOUT_TAGS, _WITH_TAGS)
_ONCE_READ: Final[tuple[re.Pattern[str], ...]] = (_ESCAPED, _ENCODED, _WITH_TAGS)
"""Codings that still apply once the tags were read; text that looks like a tag is then text."""
_SIGNS: Final = {_ESCAPED: "\\", _ENCODED: "=%"}
"""A text with none of these has no such spelling."""
_SPACES: Final = {"n": "\n", "r": "\r", "t": "\t"}
_MOST_LAYERS: Final = 3
"""Number of nested spellings that are decoded."""
_LONGEST_LETTER: Final = 4
"""Longest UTF-8 character, in bytes."""


def readings(text: str) -> Iterator[Reading]:
    """Yield the other readings of a text, such as its decoded form.

    Args:
        text: The text, composed.

    Yields:
        What is read, and where each of its letters stands in the text: decoded, without its tags, and with them for
        what they hold; nothing where it is read as it is written.
    """
    known, layer = {text}, [(text, _AS_WRITTEN, list[Span]())]
    for _ in range(_MOST_LAYERS):
        below = []
        for read, spellings, stands in layer:
            for tokens in spellings:
                found = _read(read, tokens)
                if found is None or found[0] in known:
                    continue
                seen, where = found[0], [_through(span, stands) for span in found[1]] if stands else found[1]
                known.add(seen)
                yield seen, where
                below.append((seen, spellings if tokens in _SIGNS else _ONCE_READ, where))
        layer = below


def _through(span: Span, where: list[Span]) -> Span:
    return where[span[0]][0], where[span[1] - 1][1]


def _read(text: str, tokens: re.Pattern[str]) -> Reading | None:
    """Return a text with its tokens read; ``None`` where it has none."""
    if tokens in _SIGNS and not any(sign in text for sign in _SIGNS[tokens]):
        return None
    seen, where, at = list[str](), list[Span](), 0
    for token in tokens.finditer(text):
        start, end = token.span()
        seen.append(text[at:start])
        where += zip(range(at, start), range(at + 1, start + 1), strict=True)
        for letters, span in _letters_of(token):
            seen.append(letters)
            where += [span] * len(letters)
        at = end
    if not seen:
        return None
    where += zip(range(at, len(text)), range(at + 1, len(text) + 1), strict=True)
    return _composed("".join([*seen, text[at:]]), where)


def _letters_of(token: re.Match[str]) -> _Letters:
    named, span = token.groupdict(), token.span()
    if token[0].startswith("&"):
        yield INVISIBLE.sub("", compose(html.unescape(token[0]))), span
    elif named.get("percent") or named.get("quoted"):
        yield from _of_bytes(token)
    elif named.get("escaped"):
        yield chr(int(named["code"], 16)) if named["code"] else _SPACES[named["space"]], span
    elif named.get("word"):
        yield _of_word(token[0]), span
    elif (named.get("tag") or "").lower() in _APART:
        yield _BETWEEN, span


def _of_bytes(token: re.Match[str]) -> _Letters:
    """Letters of UTF-8, and of the West where they are none."""
    codes = list(re.finditer("[%=]([0-9A-Fa-f]{2})", token[0]))
    content, at, begin = bytes(int(code[1], 16) for code in codes), 0, token.start()
    while at < len(content):
        letter, size = _letter(content[at : at + _LONGEST_LETTER])
        yield letter, (begin + codes[at].start(), begin + codes[at + size - 1].end())
        at += size


def _letter(content: bytes) -> tuple[str, int]:
    for size in range(1, len(content) + 1):
        try:
            return content[:size].decode(), size
        except UnicodeDecodeError:
            continue
    return content[:1].decode("cp1252", "replace"), 1


def _of_word(word: str) -> str:
    """Decode an encoded word of a mail's header; as it is where it cannot be read."""
    charset, _, content = word.strip("=?").split("?")[:3]
    try:
        return base64.b64decode(content + "=" * (-len(content) % 4)).decode(charset.partition("*")[0])
    except (ValueError, LookupError):
        return word


def _composed(text: str, where: list[Span]) -> Reading:
    """Return a text with accents joined to their letters, like the text that was read before."""
    if unicodedata.is_normalized("NFC", text):
        return text, where
    seen, stands = list[str](), list[Span]()
    for letter in re.finditer("(?s:.)[\u0300-\u036f]*", text):
        joined = compose(letter[0])
        seen.append(joined)
        stands += [_through(letter.span(), where)] * len(joined)
    return "".join(seen), stands


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
    """Return a passage without the white space around it.

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
    """Mask passages in a part's texts, keys and numbers included; of a blob its name and metadata.

    Args:
        part: The part, masked already.
        passages: The passages, as :func:`read_passage` gives them.
    """
    hider = _Hider([_compared(passage) for passage in passages])
    if isinstance(part, Document):
        clean: Part = replace(part, content=rewrite_mapping(part.content, hider))
    else:
        clean = replace(part, name=hider.text(part.name, ""), metadata=rewrite_mapping(part.metadata, hider))
    return Hidden(part=clean, places=hider.places, swallowed=hider.swallowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenInFile:
    """A file's texts without some passages; the fields as in :class:`Hidden`."""

    file: FileText
    places: Counter[int]
    swallowed: Counter[str]


def hide_in_file(file: FileText, passages: Sequence[str]) -> HiddenInFile:
    """Mask passages in the texts of a file.

    Args:
        file: The texts, masked already.
        passages: The passages, as :func:`read_passage` gives them.
    """
    hider, hidden = _Hider([_compared(passage) for passage in passages]), dict[int, list[Span]]()
    for run in range(len(file.runs)) if passages else ():
        if spans := hider.spans(file.masked(run)):
            hidden[run] = spans
    return HiddenInFile(
        file=file.with_masks(hidden, MARKS[PASSAGE]) if hidden else file,
        places=hider.places,
        swallowed=hider.swallowed,
    )


@dataclass
class _Hider:
    """Rewrites a tree, and counts."""

    passages: Sequence[str]
    places: Counter[int] = field(default_factory=Counter)
    swallowed: Counter[str] = field(default_factory=Counter)

    def number(self, original: float, under: str) -> JSON:
        """Mask a number as it is written."""
        masked = self.text(str(original), under)
        return original if masked == str(original) else masked

    def text(self, original: str, under: str) -> str:  # noqa: ARG002 - the protocol's form
        """Return a text without the passages."""
        text = compose(original)
        spans = self.spans(text)
        return apply(text, [(*span, MARKS[PASSAGE]) for span in spans]) if spans else original

    def spans(self, text: str) -> list[Span]:
        """Return the spans of the passages in a composed text, and count them."""
        spans = list[Span]()
        for start, end, which in _apart(sorted(self._spans(text))):
            spans.append((start, end))
            self.places[which] += 1
            self.swallowed += marks_in(text[start:end])
        return spans

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
    """Return a text as it is compared, and the place of each of its characters.

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
