"""The controller's own telephone lines, mail domains and names, which name no person. One list for everything.

Connectors leave the lines out of whom a record names, and masking leaves all of it readable, so that "we masked so many
telephone numbers of others" never counts the brand's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rightsflow.domain.identifiers import IdentifierKind, parse_leniently
from rightsflow.domain.spellings.wordforms import compose, fold


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
