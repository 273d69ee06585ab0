"""Find a person's cases again, by keyed hashes: for their next request, or for that of a supervisory authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import acting
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.request import read_issuer
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState


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
    """The details to search for a person by, as typed; at least one is given.

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

    def read(self, app: App) -> Identifiers:
        """Return the typed identifiers, normalised.

        Raises:
            BadInput: Nothing is given to look for, or something is not valid.
        """
        given = {kind: text for kind in IdentifierKind if (text := getattr(self, kind.value, "")).strip()}
        if not given:
            raise BadInput("Nothing is given to look for; give an e-mail address, a phone number or a customer id.")
        issuer = ""
        if IdentifierKind.ACCOUNT_ID in given:
            issuer = read_issuer(self.account_system, app.account_issuers)
        country = app.settings.controller.country
        return frozenset(identifier(kind, text, country=country, issuer=issuer) for kind, text in given.items())


def look_up(app: App, sought: Sought, *, by: str) -> list[FoundCase]:
    """The cases of a person, closed ones too. That a person looked is recorded, and not for whom.

    Args:
        app: What it works with.
        sought: By what the person is looked for.
        by: Who looks.

    Raises:
        BadInput: Nothing is given to look for, or something is not valid.
    """
    looker = acting(app, by)
    wanted = sought.read(app)
    cases = [_found(case_id, app) for case_id in app.store.cases_of(wanted)]
    kinds = [item.kind.value for item in wanted]
    app.store.purging.note_lookup(by=looker, kinds=kinds, found=len(cases))
    return sorted(cases, key=lambda item: item.received_at)


def _found(case_id: str, app: App) -> FoundCase:
    with app.store.case_file(case_id) as file:
        return FoundCase(
            case_id=case_id,
            right=file.right,
            state=file.state,
            received_at=file.received_at,
            closed_at=file.closed_at,
        )
