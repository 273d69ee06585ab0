"""Forms of e-mail addresses in texts, for the redaction."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from rightsflow.domain.identifiers import IdentifierKind, parse_leniently

AT: Final = re.compile(r"@|%40|&#64;|＠")
"""The sign in an address, also as links, pages and other scripts write it."""


@lru_cache(maxsize=4096)
def email_of(address: str) -> str:
    """An address as it is compared.

    Args:
        address: As it stands in a text.
    """
    address = AT.sub("@", address)
    found = parse_leniently(IdentifierKind.EMAIL, address)
    return found.value if found else address.casefold()


def untagged(address: str) -> str:
    """Return an address without the suffix behind a plus sign, by which people sort their mail.

    Args:
        address: As it is compared.
    """
    local, _, domain = address.partition("@")
    return f"{local.partition('+')[0]}@{domain}"
