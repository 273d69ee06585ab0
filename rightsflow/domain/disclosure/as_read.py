"""A text as a reader sees it, where its system keeps another spelling of it; and where each letter stands in it.

Other spellings are HTML, letters that no one sees, quoted-printable and encoded words (RFC 2045, RFC 2047),
percent-encoding (RFC 3986) and the escapes of JSON; also one in another, such as a link in a mail's HTML.
"""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from rightsflow.domain.spellings.wordforms import compose

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
    """A text as it is read otherwise than it is written.

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
    """A text with its tokens read; ``None`` where it has none."""
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
    """An encoded word of a mail's header; as it is where it cannot be read."""
    charset, _, content = word.strip("=?").split("?")[:3]
    try:
        return base64.b64decode(content + "=" * (-len(content) % 4)).decode(charset.partition("*")[0])
    except (ValueError, LookupError):
        return word


def _composed(text: str, where: list[Span]) -> Reading:
    """A text with accents joined to their letters, as those are that were read before."""
    if unicodedata.is_normalized("NFC", text):
        return text, where
    seen, stands = list[str](), list[Span]()
    for letter in re.finditer("(?s:.)[\u0300-\u036f]*", text):
        joined = compose(letter[0])
        seen.append(joined)
        stands += [_through(letter.span(), where)] * len(joined)
    return "".join(seen), stands
