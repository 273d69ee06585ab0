"""Common settings of instructed parties: processors, and owners of systems."""

from __future__ import annotations

from typing import Annotated

from pydantic import EmailStr, Field, field_validator

from rightsflow.config.sections.section import Strict
from rightsflow.config.sections.system_settings import Line
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.processors.terms import ProofKind

_SEARCHED_BY = frozenset(
    {IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.CUSTOMER_ID, IdentifierKind.ACCOUNT_ID}
)


class AskedSettings(Strict):
    """An instructed party: its contact, the identifiers it searches by, and its time to answer."""

    name: str = Field(min_length=1, max_length=120)
    contact: EmailStr
    management_contact: EmailStr | None = None
    categories: tuple[Line, ...] = Field(min_length=1)
    identifiers: tuple[IdentifierKind, ...] = Field(min_length=1)
    answers_within_days: Annotated[int, Field(ge=1, le=90, strict=True)] = 10
    proof: tuple[ProofKind, ...] = (ProofKind.COUNTS,)

    @field_validator("identifiers")
    @classmethod
    def _finds_persons(cls, kinds: tuple[IdentifierKind, ...]) -> tuple[IdentifierKind, ...]:
        if unfit := [kind for kind in kinds if kind not in _SEARCHED_BY]:
            raise ValueError(f"{unfit[0].value} finds too many people; name email, phone, customer_id or account_id")
        return kinds
