"""Find a person's cases again, by keyed hashes: for their next request, or for that of a supervisory authority."""

from __future__ import annotations

from rightsflow.errors import BadInput
from rightsflow.identifiers import IdentifierKind, identifier
from rightsflow.store.purging import Purging
from rightsflow.store.store import CaseSummary
from tasks.people import said
from tasks.runtime import runtime


def look_up(*, email: str = "", phone: str = "", customer_id: str = "", by: str) -> list[CaseSummary]:
    """The cases of a person, closed ones too. That somebody looked is recorded, and not for whom.

    Args:
        email: The person's e-mail address.
        phone: The person's phone number.
        customer_id: The controller's own number of the person.
        by: Who looks.

    Raises:
        BadInput: Nothing is given to look for, or something is not valid.
    """
    current, looker = runtime(), said(by)
    given = {IdentifierKind.EMAIL: email, IdentifierKind.PHONE: phone, IdentifierKind.CUSTOMER_ID: customer_id}
    country = current.settings.controller.country
    wanted = frozenset(identifier(kind, text, country=country) for kind, text in given.items() if text.strip())
    if not wanted:
        raise BadInput("Nothing is given to look for; give an e-mail address, a phone number or a customer id.")
    found = set(current.store.cases_of(wanted))
    cases = [one for one in current.store.summaries(closed_too=True) if one.case_id in found] if found else []
    kinds = sorted(one.kind.value for one in wanted)
    Purging(current.store.database, current.store.now).note_lookup(by=looker, kinds=kinds, found=len(cases))
    return cases
