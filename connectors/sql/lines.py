"""Phone numbers of a telephone system: the spellings that are configured, without the controller's own lines.

A search goes in two steps. The database gives every row in which the last digits of the number occur in order, through
any blanks, dashes and brackets (``number_search``); Python then reads each stored text in full and compares whole
numbers. So no spelling is missed, and another person's longer number never matches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, of_kind
from rightsflow.domain.own_lines import is_own_line
from rightsflow.domain.spellings import FieldReading, in_brackets, phone_tail, separate_readings

Form = Literal["plain", "caller_id", "embedded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneReader:
    """Reads stored numbers.

    Args:
        country: ISO 3166-1 alpha-2 code of the controller, in which national spellings are read by default.
        own_numbers: The controller's own lines in E.164; a trailing ``*`` stands for a block.
        extension_digits: Numbers with at most so many digits are extensions.
    """

    country: str
    own_numbers: tuple[str, ...] = ()
    extension_digits: int = 5

    def read(
        self, text: str, *, form: Form = "plain", countries: Iterable[str] = (), bare: bool = True
    ) -> tuple[FieldReading, ...]:
        """The numbers in a text, each with what it can be read as; those that name no person outside are left out.

        Args:
            text: As it is stored.
            form: How the numbers stand in the text.
            countries: The countries whose national spelling to try; by default the controller's.
            bare: Whether a country code may stand without ``+`` or ``00``.
        """
        found = (
            separate_reading
            for raw in (in_brackets(text) if form == "caller_id" else [text])
            for separate_reading in separate_readings(
                IdentifierKind.PHONE,
                raw,
                countries=tuple(countries) or (self.country,),
                bare=bare,
                extension_digits=self.extension_digits,
                embedded=form == "embedded",
            )
        )
        named = (FieldReading(bracket.text, frozenset(filter(self.is_somebodys, bracket.may_be))) for bracket in found)
        return tuple(field_reading for field_reading in named if field_reading.may_be)

    def is_somebodys(self, number: Identifier) -> bool:
        """Return True if the number can name a person outside: it is not one of the controller's own lines."""
        return not is_own_line(number.value, self.own_numbers)

    def is_own(self, text: str) -> bool:
        """Return True if a text holds only the controller's own lines, whatever their spelling."""
        found = separate_readings(IdentifierKind.PHONE, text, countries=(self.country,))
        return bool(found) and not any(
            map(self.is_somebodys, frozenset().union(*(separate_reading.may_be for separate_reading in found)))
        )

    def tails(self, known: Identifiers) -> list[str]:
        """The last digits of each number to search for, which every spelling of it has.

        Args:
            known: The subject's identifiers.
        """
        return sorted({phone_tail(number) for number in self.searched(known)})

    def searched(self, known: Identifiers) -> list[str]:
        """The subject's numbers in E.164 that are worth a search: not the controller's own."""
        numbers = of_kind(known, IdentifierKind.PHONE)
        return [number for number in numbers if self.is_somebodys(Identifier(IdentifierKind.PHONE, number))]
