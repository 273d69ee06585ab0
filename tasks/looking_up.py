"""Find a person's cases again, by keyed hashes: for their next request, or for that of a supervisory authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rightsflow.case import CaseState
from rightsflow.errors import BadInput
from rightsflow.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.request import Right, read_issuer
from rightsflow.store.purging import Purging
from tasks.people import said
from tasks.runtime import Runtime, runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCase:
    """A case of the person who was looked for.

    Args:
        case_id: The case.
        right: What was asked for.
        state: Where it stands.
        received_at: When the request was received.
        closed_at: When it was closed, or ``None``.
    """

    case_id: str
    right: Right
    state: CaseState
    received_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Sought:
    """By what a person is looked for, as it was typed; at least one is given.

    Args:
        email: The person's e-mail address.
        phone: The person's phone number.
        customer_id: The controller's own number of the person.
        account_id: An account id in one of the systems.
        account_system: The system that issued it; may be empty where only one does.
    """

    email: str = ""
    phone: str = ""
    customer_id: str = ""
    account_id: str = ""
    account_system: str = ""

    def read(self, current: Runtime) -> Identifiers:
        """What was typed, normalised.

        Raises:
            BadInput: Nothing is given to look for, or something is not valid.
        """
        given = {kind: text for kind in IdentifierKind if (text := getattr(self, kind.value, "")).strip()}
        if not given:
            raise BadInput("Nothing is given to look for; give an e-mail address, a phone number or a customer id.")
        issuer = ""
        if IdentifierKind.ACCOUNT_ID in given:
            issuer = read_issuer(self.account_system, current.account_issuers)
        country = current.settings.controller.country
        return frozenset(identifier(kind, text, country=country, issuer=issuer) for kind, text in given.items())


def look_up(sought: Sought, *, by: str) -> list[FoundCase]:
    """The cases of a person, closed ones too. That somebody looked is recorded, and not for whom.

    Args:
        sought: By what the person is looked for.
        by: Who looks.

    Raises:
        BadInput: Nothing is given to look for, or something is not valid.
    """
    current, looker = runtime(), said(by)
    wanted = sought.read(current)
    cases = [_found(case_id, current) for case_id in current.store.cases_of(wanted)]
    kinds = [one.kind.value for one in wanted]
    Purging(current.store.database, current.store.now).note_lookup(by=looker, kinds=kinds, found=len(cases))
    return sorted(cases, key=lambda one: one.received_at)


def _found(case_id: str, current: Runtime) -> FoundCase:
    with current.store.case_file(case_id) as file:
        return FoundCase(
            case_id=case_id,
            right=file.right,
            state=file.state,
            received_at=file.received_at,
            closed_at=file.closed_at,
        )
