"""The sections about the controller, its authority, and the people who answer for cases or are told of them."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, AnyHttpUrl, EmailStr, Field, ValidationInfo, field_validator, model_validator

from rightsflow.config.sections.section import Strict
from rightsflow.domain.accounts import Role
from rightsflow.domain.deadlines.working_days import Place, refuse_unknown_place
from rightsflow.domain.erasure.retention_duties import FinancialYear, Sector
from rightsflow.domain.errors import BadInput
from rightsflow.domain.languages import read_language
from rightsflow.domain.law import LAWS, AnsweredRegime, Law, refuse_foreign_law
from rightsflow.domain.spellings.wordforms import read_line

_timezones = cache(available_timezones)
"""Their names, for which Python walks through 600 files."""


def _known_timezone(name: str) -> str:
    if name not in _timezones():
        raise ValueError("use a name of the IANA time zone database, like Europe/Berlin")
    return name


def _day_of_year(text: str) -> str:
    try:
        date.fromisoformat(f"2023-{text}")
    except ValueError:
        raise ValueError("give the day on which the financial year begins as MM-DD, such as 04-01") from None
    return text


def _language(text: str) -> str:
    try:
        return read_language(text)
    except BadInput as error:
        raise ValueError(str(error)) from None


Language = Annotated[str, AfterValidator(_language)]
"""The type of a language in the configuration: a BCP 47 tag."""


class Authority(Strict):
    """The supervisory authority the letters name (Art. 13(2)(d), 15(1)(f) GDPR).

    Args:
        name: Its name.
        url: The web address for complaints.
    """

    name: str
    url: AnyHttpUrl


class Controller(Strict):
    """The controller (Art. 4(7) GDPR) that answers the requests.

    Args:
        name: The name in the letters.
        address: The postal address, for the letters; may be empty.
        phones: The controller's own lines in any spelling, a block of them as ``+4930901*``. They identify no person:
            connectors do not take them for a customer's, and they stay readable in an access package.
        cooling_off_days: The number of days between an erasure's approval and its start, in which the person can still
            withdraw the request. A letter (L21) names the day, which is at least a week before the target date; 0 for
            none.
        help_languages: The languages in which the controller helps people who ask, as codes like ``de``: letters are in
            English so far, and offer this help in the person's language. Without any, no help is offered.
        domains: The controller's own mail domains, besides those of the owners' addresses; addresses there stay
            readable.
        names: Further names of the controller (brands, call centres, bots) that are no person's personal data.
        country: ISO 3166-1 alpha-2 code; its holidays and retention laws apply.
        subdivision: ISO 3166-2 code without the country; empty for none.
        timezone: IANA name; it fixes on which day a request was received.
        regime: The law of the requests: that of the country, ``uk-gdpr`` in the United Kingdom. A Swiss controller is
            refused, since there are no letters for the FADP yet. `rightsflow due-dates` computes the dates of further
            laws, which have no letters yet either.
        authority: The supervisory authority that the letters name.
        automated_decisions: The statement of Art. 15(1)(h): that no decision is made by automated means alone, or the
            logic, significance and consequences of those that are. It has no default, since the controller alone
            knows; access requests cannot be answered without it.
        sector: The sector, if stricter rules of retention apply to it: ``supervised_finance`` (in Germany under BaFin)
            or ``investment_firm`` (records client orders under MiFID II); ``general`` otherwise.
        financial_year: The day on which the financial year begins, as MM-DD; ``01-01`` for the calendar year.
        large_quantity: The number of records above which the person may be asked to specify the data where that stops
            the clock (Art. 12A(5) UK GDPR); below it, the question is not reasonably required.
        oss: ``true`` if sales are declared through the Union's One Stop Shop: vouchers are then records of such sales
            too (10 years), unless ``document_classes`` or a rule of the system says ``voucher`` of them.
    """

    name: str
    address: str = ""
    cooling_off_days: Annotated[int, Field(ge=0, le=21, strict=True)] = 0
    phones: tuple[str, ...] = ()
    help_languages: tuple[Language, ...] = ()
    domains: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    subdivision: str = ""
    timezone: Annotated[str, AfterValidator(_known_timezone)]
    regime: AnsweredRegime = "gdpr"
    authority: Authority
    automated_decisions: str = ""
    sector: Sector = Sector.GENERAL
    financial_year: Annotated[str, AfterValidator(_day_of_year)] = "01-01"
    large_quantity: Annotated[int, Field(ge=1, strict=True)] = 100
    oss: bool = Field(default=False, strict=True)

    @property
    def bookkeeping_year(self) -> FinancialYear:
        """The financial year of the controller."""
        month, _, day = self.financial_year.partition("-")
        return FinancialYear.from_start(int(month), int(day))

    @field_validator("country", "subdivision")
    @classmethod
    def _has_holidays(cls, code: str, info: ValidationInfo) -> str:
        country, subdivision = (code, "") if info.field_name == "country" else (info.data.get("country", ""), code)
        try:
            refuse_unknown_place(Place(country, subdivision))
        except BadInput as error:
            raise ValueError(str(error)) from None
        return code

    @model_validator(mode="after")
    def _has_law_of_its_country(self) -> Self:
        try:
            refuse_foreign_law(self.regime, self.country)
        except BadInput as error:
            raise ValueError(str(error)) from None
        return self

    @model_validator(mode="after")
    def _has_readable_lines(self) -> Self:
        for phone in self.phones:
            read_line(phone, self.country)
        return self

    @property
    def lines(self) -> tuple[str, ...]:
        """The controller's own lines in E.164; a trailing ``*`` means a block."""
        return tuple(read_line(phone, self.country) for phone in self.phones)

    @property
    def law(self) -> Law:
        """The law of the requests, as it is cited."""
        return LAWS[self.regime]

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that fixes on which day a request was received."""
        return ZoneInfo(self.timezone)


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
