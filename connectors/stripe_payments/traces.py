"""Whether anything of the subject can still be read in an object, and where."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

import phonenumbers

from connectors.stripe_payments.api import Object
from connectors.stripe_payments.kinds import is_own_record
from rightsflow.identifiers import Identifier, IdentifierKind, Identifiers

_STRUCTURE = frozenset({"id", "object", "customer", "livemode"})
"""Ids that tie objects together: a payment goes on naming the id of its deleted customer, which names nobody."""

_KEYS_ARE_CONTENT = frozenset({"metadata"})


def where_readable(thing: Object, known: Identifiers, country: str) -> list[str]:
    """The fields in which one of the identifiers stands, as paths without values; empty if in none.

    Args:
        thing: The object, read afresh.
        known: The subject's identifiers. The ids of customer objects do not count, see above.
        country: ISO 3166-1 alpha-2 code, in which national phone numbers are read.
    """
    tests = [_TESTS[one.kind](one, country) for one in sorted(known) if one.kind in _TESTS]
    found = (path for path, text in _texts(thing, "") if any(test(text) for test in tests))
    return list(dict.fromkeys(found))


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Every text with the path of its field, which ends where keys are the controller's own words."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _STRUCTURE and not is_own_record(inner):
                keep = path.rpartition(".")[2] in _KEYS_ARE_CONTENT
                yield from _texts(inner, path if keep else f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for inner in value:
            if not is_own_record(inner):
                yield from _texts(inner, path)
    elif isinstance(value, str) and value:
        yield path, unicodedata.normalize("NFC", value).casefold()


def _test_email(one: Identifier, _country: str) -> Callable[[str], bool]:
    return lambda text: one.value in text


def _test_word(one: Identifier, _country: str) -> Callable[[str], bool]:
    pattern = re.compile(rf"(?<!\w){re.escape(one.value.casefold())}(?!\w)")
    return lambda text: pattern.search(text) is not None


def _test_phone(one: Identifier, country: str) -> Callable[[str], bool]:
    digits = one.value.removeprefix("+")

    def names(text: str) -> bool:
        if digits in re.sub(r"\D", "", text):
            return True
        found = phonenumbers.PhoneNumberMatcher(text, country or None, leniency=phonenumbers.Leniency.POSSIBLE)
        written = (phonenumbers.format_number(hit.number, phonenumbers.PhoneNumberFormat.E164) for hit in found)
        return one.value in written

    return names


_TESTS: dict[IdentifierKind, Callable[[Identifier, str], Callable[[str], bool]]] = {
    IdentifierKind.EMAIL: _test_email,
    IdentifierKind.PHONE: _test_phone,
    IdentifierKind.CUSTOMER_ID: _test_word,
    IdentifierKind.NAME: _test_word,
}
