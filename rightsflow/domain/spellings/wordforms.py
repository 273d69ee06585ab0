"""The forms in which people write a name or a phone number, and the controller's own lines, which name no person.

Texts are compared *folded*: lower case and without accents, letter for letter, so that a position in the folded text
is the same position in the text itself. Connectors ignore the controller's own telephone lines, mail domains and names,
and masking leaves them readable, so that a count of masked numbers never includes them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from rightsflow.domain.identifiers import IdentifierKind, parse_leniently

SEPARATORS = re.compile(r"[\s\u00a0()./\u2010-\u2015-]")
"""Characters that may separate the digits of a phone number."""

_BETWEEN_DIGITS = SEPARATORS.pattern + "{0,3}"
_BETWEEN_WORDS = r"[\W_]{1,3}"
_NO_WORD_BEFORE, _NO_WORD_AFTER = r"(?<![^\W_])", r"(?![^\W_]|[\u0300-\u036f])"
_TITLES = (
    r"(?:herrn?|frau|mr|mrs|ms|miss|mx|dr|prof|sir|monsieur|madame|mme|senora?|sra?|signora?|sig|dhr|mevr|pani?)\.?\s+"
)
# Letters that people write in more than one way; what stands on the right is matched in a folded text.
_VARIANTS = {
    **dict.fromkeys(("aa", "å"), "(?:aa|a)"),
    **dict.fromkeys(("ae", "ä", "æ"), "(?:ae|a|æ)"),
    **dict.fromkeys(("oe", "ö", "ø", "œ"), "(?:oe|o|œ)"),
    **dict.fromkeys(("ue", "ü"), "(?:ue|u)"),
    **dict.fromkeys(("ss", "ß"), "(?:ss|ß)"),
}
_VARIANTS |= {form: pattern for key, pattern in _VARIANTS.items() for form in (key.upper(), key.title())}
_VARIANT = re.compile(f"({'|'.join(_VARIANTS)})")
_WITHOUT_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class _Folding(dict[int, int]):
    """A translation table that fills itself."""

    def __missing__(self, code: int) -> int:
        letter = _PLAIN.get(chr(code)) or unicodedata.normalize("NFD", chr(code))[0]
        lower = letter.lower()
        self[code] = ord(lower) if len(lower) == 1 else ord(letter)
        return self[code]


_PLAIN = {"ı": "i", "İ": "i", "ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ẞ": "ß", "’": "'"}
_FOLDING = _Folding()


def fold(text: str) -> str:
    """Lower case and no accents, letter for letter; the length stays the same."""
    return text.translate(_FOLDING)


def compose(text: str) -> str:
    """Accents joined to their letters (NFC), as folding needs them; most texts are so already."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


@dataclass(frozen=True, slots=True)
class NameForms:
    """The forms of a name in a folded text.

    Args:
        pattern: Finds every form.
        literal: A piece that every form contains: texts without it need not be searched.
    """

    pattern: re.Pattern[str]
    literal: str


@lru_cache(maxsize=1024)
def name_forms(name: str, *, surname_alone: bool = True, genitive: bool = False) -> NameForms | None:
    """Return the forms of a name, or ``None`` where it has too few letters to be searched for.

    Args:
        name: As it is known.
        surname_alone: Whether the last word counts by itself after a form of address.
        genitive: Whether an s may follow the last word, as in German; not after a name of one word.
    """
    words = [word for word in compose(name).replace(",", " ").split() if re.search(r"[^\W\d_]", word)]
    if sum(map(len, words)) < 2:
        return None
    forms = [_word(word) for word in words]
    first, *middle, last = forms if len(forms) > 1 else (forms[0], "")
    orders = [first]
    if last:
        between = "".join(f"(?:{_BETWEEN_WORDS}{item})?" for item in middle)
        given = f"{first}{between}"
        of_theirs = f"{last}s?" if genitive else last
        orders = [f"{given}{_BETWEEN_WORDS}{of_theirs}", f"{last}{_BETWEEN_WORDS}{given}"]
        orders += [_TITLES + of_theirs] if surname_alone else []
    before, after = _boundaries(words)
    return NameForms(re.compile(f"{before}(?:{'|'.join(orders)}){after}"), _constant_piece(words[-1]))


@lru_cache(maxsize=1024)
def phone_pattern(e164: str) -> re.Pattern[str]:
    """Finds a phone number in its international and national forms, with or without separators."""
    try:
        parsed = phonenumbers.parse(e164)
        code, national = str(parsed.country_code), phonenumbers.national_significant_number(parsed)
    except phonenumbers.NumberParseException:
        code, national = "", re.sub(r"\D", "", e164)
    international = rf"(?:[+＋]|00)?{_BETWEEN_DIGITS}{code}{_BETWEEN_DIGITS}(?:\(?0\)?{_BETWEEN_DIGITS})?"
    return re.compile(rf"(?<![\d+])(?:{international}|\(?0)?{_BETWEEN_DIGITS.join(national)}(?!\d)")


def _boundaries(words: list[str]) -> tuple[str, str]:
    # In scripts without spaces between words nothing marks where a name ends.
    if any(_WITHOUT_SPACES.search(word) for word in words):
        return "", ""
    return _NO_WORD_BEFORE, _NO_WORD_AFTER


def _word(word: str) -> str:
    """Return the pattern of a word in a name; its hyphens and apostrophes may be written in several ways."""
    return _BETWEEN_WORDS.join(_letters(piece) for piece in re.split(r"[\W_]+", word) if piece)


def _letters(piece: str) -> str:
    return "".join(_VARIANTS.get(part) or re.escape(fold(part)) for part in _VARIANT.split(piece))


def _constant_piece(word: str) -> str:
    parts = (part for piece in re.split(r"[\W_]+", word) for part in _VARIANT.split(piece))
    return max((fold(part) for part in parts if part not in _VARIANTS), key=len, default="")


def own_line(text: str) -> str:
    """Check a line as written in settings: a number in E.164; a trailing ``*`` means a block.

    Args:
        text: As it was written.

    Raises:
        ValueError: It is written otherwise.
    """
    if not re.fullmatch(r"\+\d{3,15}\*?", text):
        raise ValueError("write numbers like +4930901000, and a block of numbers like +4930901*")
    return text


def is_own_line(number: str, lines: Iterable[str]) -> bool:
    """Return whether a number is one of the controller's lines.

    Args:
        number: In E.164.
        lines: The lines, as :func:`own_line` accepts them.
    """
    return any(number.startswith(line[:-1]) if line.endswith("*") else number == line for line in lines)


def read_line(text: str, country: str) -> str:
    """Read a line in any spelling, also national or with an extension, as E.164; a block keeps its ``*``.

    Args:
        text: As it was written.
        country: ISO 3166-1 alpha-2 code that a national number is read in.

    Raises:
        ValueError: It is no telephone number.
    """
    if text.endswith("*"):
        return own_line(re.sub(r"[\s()./-]", "", text))
    read = parse_leniently(IdentifierKind.PHONE, text, country=country)
    if read is None:
        raise ValueError("write own lines like +49 30 901000 or 030 901000, and a block of lines like +4930901*")
    return read.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """The controller's own lines, domains and names.

    Args:
        lines: In E.164; a trailing ``*`` means a block.
        domains: Mail domains, each with those below it.
        names: Of the controller, its desks, systems and processors.
    """

    lines: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def has_line(self, number: str) -> bool:
        """Return whether a number, in E.164, is one of the lines."""
        return is_own_line(number, self.lines)

    def has_domain(self, domain: str) -> bool:
        """Return whether a mail domain is one of the domains or a subdomain."""
        wanted = domain.casefold()
        return any(wanted == own or wanted.endswith(f".{own}") for own in map(str.casefold, self.domains))

    def has_name(self, name: str) -> bool:
        """Return whether a name is one of the names, in any case and with any spaces."""
        return _plain(name) in {_plain(item) for item in self.names}


def _plain(name: str) -> str:
    return " ".join(fold(compose(name)).split())
