"""The included kinds of identifier, declared for tests, and identifiers of them."""

from __future__ import annotations

from pydantic import TypeAdapter

from rightsflow.config.sections.identifier_settings import Identifying, enter, included_kinds
from rightsflow.domain.check_digits import CheckDigits
from rightsflow.domain.identifiers import Identifier, IdentifierKind, identifier

_OF_A_CAR = {
    name: {
        "title": {"en": [f"{name} number", f"{name} numbers"]},
        "example": "N-1",
        "pattern": r"N-\d+",
        "strength": "only_together",
        "of": "car",
    }
    for name in ("engine", "chassis")
}
enter(TypeAdapter(Identifying).validate_python({**{name: {} for name in included_kinds()}, **_OF_A_CAR}))
IMEI, SERIAL, RMA = IdentifierKind("imei"), IdentifierKind("serial"), IdentifierKind("rma")
TICKET, CARD, ORDER, IBAN = (IdentifierKind(name) for name in ("ticket", "loyalty_card", "order", "iban"))


ENGINE, CHASSIS = IdentifierKind("engine"), IdentifierKind("chassis")
"""Of one thing, so that neither confirms the other."""


def imei(number: int) -> Identifier:
    """Return a valid IMEI of a number of at most six digits."""
    body = f"35209900{number:06d}"
    return next(identifier(IMEI, f"{body}{last}") for last in range(10) if CheckDigits.LUHN.fits(f"{body}{last}"))
