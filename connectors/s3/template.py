"""Key templates: where in an object's key the person's identifiers stand, and where to look for them.

A template is the beginning of a key. ``{customer_id}``, ``{account_id}``, ``{email}`` and ``{phone}`` stand for
identifiers, ``{date}`` for a day (``2026/01/31``, ``2026-01-31`` or ``20260131``), ``*`` for anything within one
folder and ``**`` (or ``…``) for anything at all: ``"{customer_id}/"``, ``"calls/{date}/{phone}_"``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from urllib.parse import quote, unquote

from rightsflow.domain.identifiers import ONLY_CONTRADICTING, Identifier, IdentifierKind, Identifiers, of_kind
from rightsflow.domain.spellings import phone_spellings, readings

_TOKEN = re.compile(r"\{(\w*)\}|(\*\*|…)|(\*)")
_DATE = re.compile(r"(\d{4})[-/]?(\d{2})[-/]?(\d{2})")
_ID_KINDS = frozenset({IdentifierKind.CUSTOMER_ID, IdentifierKind.ACCOUNT_ID, IdentifierKind.EMAIL})
# An e-mail address may stand in a key with any case, so no prefix can be built of it: such keys are read instead.
_FILLED = frozenset({IdentifierKind.CUSTOMER_ID, IdentifierKind.ACCOUNT_ID, IdentifierKind.PHONE})
_PATTERNS = {"**": ".*?", "*": "[^/]*?", "date": r"(?:\d{8}|\d{4}-\d{2}-\d{2}|\d{4}/\d{2}/\d{2})"}
_SCHEMES = ("sip:", "sips:", "tel:")
# A number as it is dialled, or an address whose user it is.
_PHONE_PATTERN = r"(?:(?:sips?|tel)(?::|%3[Aa]))?(?:\+|%2[Bb])?\d+(?:(?:[@;]|%40|%3[Bb])[^/]*?)?"


class KeyTemplate:
    """A template, ready to search by and to read keys with.

    Args:
        text: The template.
        issuer: The system that issued the account ids in the keys.

    Raises:
        ValueError: It names no identifier, or one could not be told from a longer one that begins alike.
    """

    def __init__(self, text: str, issuer: str = "") -> None:
        self._issuer = issuer
        self._pieces = list(_tokens(text.rstrip("*…")))
        self.kinds = frozenset(kind for piece in self._pieces if (kind := _kind(piece)))
        if not self.kinds:
            raise ValueError("name an identifier in the template, like {customer_id}/ or calls/{phone}/")
        self._refuse_open_ends()
        self._groups: list[IdentifierKind | None] = []
        self._pattern = re.compile("".join(self._regex(piece) for piece in self._pieces), re.DOTALL)

    @property
    def beginning(self) -> str:
        """The fixed text that every key of this form begins with."""
        sort, text = self._pieces[0]
        return text if sort == "text" else ""

    def read(self, key: str, country: str) -> tuple[Identifiers, date | None] | None:
        """The identifiers and the day in a key, or ``None`` where the key is not of this form.

        Args:
            key: The key without the configured prefix.
            country: ISO 3166-1 alpha-2 code in which national numbers are read.
        """
        match = self._pattern.match(key)
        if match is None:
            return None
        named, day = set[Identifier](), None
        for kind, text in zip(self._groups, match.groups(), strict=True):
            if kind is None:
                day = day or _day(text)
            else:
                named |= readings(kind, unquote(text), countries=(country,), issuer=self._issuer)
        return frozenset(named), day

    def prefixes(self, known: Identifiers, country: str) -> list[str]:
        """Return the prefixes of all keys that name one of the identifiers, none inside another.

        Args:
            known: The identifiers.
            country: ISO 3166-1 alpha-2 code whose national spelling of a number is looked for too.
        """
        every = {
            prefix
            for kind in self.kinds
            for value in of_kind(known, kind, issuer=self._issuer)
            for prefix in self._prefixes_for(kind, value, country)
        }
        return _outermost(every)

    def _prefixes_for(self, kind: IdentifierKind, value: str, country: str) -> Iterator[str]:
        """Yield the fixed text at the beginning, extended by the identifier if that comes next."""
        head = self.beginning
        rest = self._pieces[1:] if head else self._pieces
        if _kind(rest[0]) is not kind or kind not in _FILLED:
            yield head
            return
        tail = rest[1][1] if len(rest) > 1 and rest[1][0] == "text" else ""
        if kind is not IdentifierKind.PHONE:
            yield from (f"{head}{spelling}{tail}" for spelling in _spellings_of_id(value))
            return
        for spelling in _in_keys(value, country):
            yield f"{head}{spelling}{tail}"
            yield from (f"{head}{address}" for address in _addresses(spelling))

    def _regex(self, piece: tuple[str, str]) -> str:
        sort, text = piece
        if sort == "text":
            return re.escape(text)
        if sort == "field":
            kind = _kind(piece)
            self._groups.append(kind)
            return f"({_PHONE_PATTERN if kind is IdentifierKind.PHONE else '[^/]+'})"
        if text == "date":
            self._groups.append(None)
            return f"({_PATTERNS[text]})"
        return _PATTERNS[text]

    def _refuse_open_ends(self) -> None:
        for piece, after in zip(self._pieces, [*self._pieces[1:], ("end", "")], strict=True):
            kind = _kind(piece)
            if kind in _ID_KINDS and not (after[0] == "text" and after[1].startswith("/")):
                raise ValueError(f"put a / after {{{kind}}}, or C-1 could not be told from C-12")
            if kind is IdentifierKind.PHONE and not (after[0] == "text" and not after[1][0].isdigit()):
                raise ValueError("put a character that is no digit after {phone}, such as / or _")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Cut a template into (``text`` | ``field`` | ``any``, value)."""
    end = 0
    for found in _TOKEN.finditer(text):
        if found.start() > end:
            yield "text", text[end : found.start()]
        end = found.end()
        name, deep, _ = found.groups()
        if name is None:
            yield "any", "**" if deep else "*"
        elif name == "date":
            yield "any", name
        elif name in set(IdentifierKind) - ONLY_CONTRADICTING:
            yield "field", name
        else:
            raise ValueError("use {customer_id}, {account_id}, {email}, {phone} or {date} in the template")
    if end < len(text):
        yield "text", text[end:]


def _kind(piece: tuple[str, str]) -> IdentifierKind | None:
    return IdentifierKind(piece[1]) if piece[0] == "field" else None


def _day(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _spellings_of_id(value: str) -> Iterator[str]:
    """An id as keys have it: as it is and percent-encoded, its accents composed and, as macOS writes names, apart."""
    for form in ("NFC", "NFD"):
        spelling = unicodedata.normalize(form, value)
        yield from (spelling, quote(spelling, safe=""))


def _in_keys(number: str, country: str) -> Iterator[str]:
    """The spellings of one number that file names have: digits, and a plus sign that may be percent-encoded."""
    compact = [
        phone_spelling
        for phone_spelling in phone_spellings(number, (country,))
        if phone_spelling.removeprefix("+").isdigit()
    ]
    yield from (*compact, *(f"%2B{phone_spelling[1:]}" for phone_spelling in compact if phone_spelling.startswith("+")))


def _addresses(number: str) -> Iterator[str]:
    """Return the beginnings of the addresses whose user is a number, plain and percent-encoded."""
    for scheme in _SCHEMES:
        yield f"{scheme}{number}"
        yield quote(f"{scheme}{unquote(number)}", safe="")


def _outermost(prefixes: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for prefix in sorted(prefixes):
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    return kept
