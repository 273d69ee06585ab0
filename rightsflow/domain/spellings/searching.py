"""Search terms for a system: the spellings of an identifier, or the part that all of them share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email

_DIGITS_SHARED: Final = 7
_FEWER_SHARED: Final = {44: 6, 54: 6, 378: 6, 672: 5}
"""By country code: where numbers are dialled so short within a place, or with digits before the last of them."""
_FORMATS: Final = (phonenumbers.PhoneNumberFormat.INTERNATIONAL, phonenumbers.PhoneNumberFormat.NATIONAL)


def phone_tail(e164: str) -> str:
    """The last digits of a number, which every spelling of it has in this order.

    What stands before them varies (country code, trunk and mobile prefixes), and so do the signs between them.
    """
    number = phonenumbers.parse(e164)
    return str(number.national_number)[-_FEWER_SHARED.get(number.country_code or 0, _DIGITS_SHARED) :]


def phone_spellings(e164: str, countries: Iterable[str] | None = None) -> list[str]:
    """The usual spellings of a number, for systems that only compare whole values; the E.164 form comes first.

    Args:
        e164: The number.
        countries: ISO 3166-1 alpha-2 codes of the countries whose numbers are also spelled nationally; ``None`` for
            all of them.
    """
    number = phonenumbers.parse(e164)
    digits = e164.removeprefix("+")
    international, national = (phonenumbers.format_number(number, shape) for shape in _FORMATS)
    written = [e164, digits, f"00{digits}", international]
    if countries is None or phonenumbers.region_code_for_number(number) in set(countries):
        written += [national, "".join(filter(str.isdigit, national))]
    return list(dict.fromkeys([*written, *(text.replace(" ", "") for text in written)]))


def email_spellings(email: str) -> list[str]:
    """The usual spellings of an address, for systems that compare with case; the normalised form comes first."""
    local, _, domain = email.partition("@")
    titled = ".".join(part.capitalize() for part in local.split("."))
    return list(dict.fromkeys([email, f"{local.capitalize()}@{domain}", f"{titled}@{domain}"]))


def with_ascii_domain(email: str) -> str:
    """An address with its domain in the ASCII form of international names (``xn--…``), by IDNA 2008 as mail servers do.

    Args:
        email: The normalised address.
    """
    local, _, _ = email.rpartition("@")
    try:
        parsed = validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return email
    return f"{local}@{parsed.ascii_domain}"
