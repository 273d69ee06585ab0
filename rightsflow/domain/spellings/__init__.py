"""The spellings of identifiers: every identifier that a stored text may hold, and what to search for it by.

One normaliser for all connectors. :func:`readings` reads a field that is meant for identifiers of one kind (a column,
a metadata value, a custom field), however people and systems fill it; :func:`number_like` and :func:`numbers_in` find
phone numbers in running text, where order numbers, dates and amounts stand beside them.
"""

from rightsflow.domain.spellings.callers import callers_in, in_brackets, name_before_brackets
from rightsflow.domain.spellings.digits import OtherDigits, in_plain_digits, other_digits, with_plain_digits
from rightsflow.domain.spellings.reading import CANNOT_FIND, FieldReading, readings, separate_readings
from rightsflow.domain.spellings.running import number_like, numbers_in
from rightsflow.domain.spellings.searching import email_spellings, phone_spellings, phone_tail, with_ascii_domain

__all__ = [
    "CANNOT_FIND",
    "FieldReading",
    "OtherDigits",
    "callers_in",
    "email_spellings",
    "in_brackets",
    "in_plain_digits",
    "name_before_brackets",
    "number_like",
    "numbers_in",
    "other_digits",
    "phone_spellings",
    "phone_tail",
    "readings",
    "separate_readings",
    "with_ascii_domain",
    "with_plain_digits",
]
