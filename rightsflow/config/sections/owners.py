"""The sections about the people who answer for cases or are told of them."""

from __future__ import annotations

from pydantic import EmailStr, Field

from rightsflow.config.sections.section import Strict
from rightsflow.domain.accounts import Role

CASE_OWNER = "case_owner"
"""The role that answers for a case until it is handed over."""


class Person(Strict):
    """A person who answers for cases or is notified of them.

    Args:
        name: The role or the person, as in letters and alerts.
        email: The address for alerts.
        held_by: The person who holds the role, if ``name`` is a role's.
        roles: The person's roles at the desk. Without any they own cases and are notified of alerts as usual, and
            cannot sign in.
        oidc_subject: The identity provider's name for the person (``sub``), if ``[desk.oidc]`` uses it.
    """

    name: str = Field(min_length=1)
    email: EmailStr
    held_by: str = ""
    roles: tuple[Role, ...] = ()
    oidc_subject: str = ""

    @property
    def full_name(self) -> str:
        """The role with the person behind it."""
        return f"{self.name} ({self.held_by})" if self.held_by else self.name

    @property
    def own_name(self) -> str:
        """The name of the person, by which they act."""
        return self.held_by or self.name


class Owners(Strict):
    """The people who answer for a case, and those who are notified next.

    Args:
        case_owner: Owns every case until it is handed over.
        dpo: The data protection officer.
        management: The person who is notified when a date is about to be missed.
    """

    case_owner: Person
    dpo: Person
    management: Person
