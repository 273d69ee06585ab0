"""How a table's rows are found: the columns that name a person, and the tables through which further rows are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from connectors.settings import Issuer, Strict
from connectors.sql.column_values import Where
from rightsflow.domain.birth_dates import DateOrder
from rightsflow.domain.identifiers import IdentifierKind

Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]


class IdentityColumn(Strict):
    """A column that names the person a row belongs to.

    Args:
        column: Its name. None in which a program guesses whose a row is (see the references).
        kind: What stands in it. ``name`` is never searched for; it is masked where it is another person's, and a record
            with another name than is known of the subject is left to a person. So is ``birth_date``, where a record
            has another date of birth: nothing outweighs that.
        form: How it stands there: ``plain``; ``caller_id`` (``"Anna Example" <+49 30 901820>``, and e-mail senders
            alike); ``embedded`` (a number without blanks anywhere in a text, as in ``PJSIP/+4930901820-00000012``).
        countries: The countries whose national spelling of phone numbers occurs here; by default the controller's.
        bare: Whether numbers occur with their country code and without ``+`` or ``00``, as trunks deliver them.
        direction: What a phone number here means for a call: ``incoming`` where callers stand, ``outgoing`` where
            the dialled number stands; empty where it means nothing.
        issuer: The system that issued the account ids here, as it is named in the configuration; by default this one.
        date_order: How dates of birth stand in a column of text whose year is last: ``day-first`` (``31.12.1980``) or
            ``month-first`` (``12/31/1980``). Without it what can be read in both ways is not read, and says nothing.
        unknown_dates: What stands there for a date of birth that is not known, as it is stored (``"1950-01-01"``),
            beside what is one everywhere (``0000-00-00``, ``1900-01-01``, ``1970-01-01``, …).
    """

    column: str
    kind: IdentifierKind
    form: Literal["plain", "caller_id", "embedded"] = "plain"
    countries: tuple[Country, ...] = ()
    bare: bool = True
    direction: Literal["", "incoming", "outgoing"] = ""
    issuer: Issuer | Literal[""] = ""
    date_order: DateOrder = DateOrder.UNKNOWN
    unknown_dates: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_sound(self) -> IdentityColumn:
        embeddable = self.form != "embedded" or self.kind is IdentifierKind.PHONE
        require(embeddable, 'form = "embedded" is for phone numbers only')
        has_issuer = self.kind is IdentifierKind.ACCOUNT_ID or not self.issuer
        require(has_issuer, 'issuer is for kind = "account_id" only')
        is_date = self.kind is IdentifierKind.BIRTH_DATE or not (self.date_order or self.unknown_dates)
        require(is_date, 'date_order and unknown_dates are for kind = "birth_date" only')
        return self


class Reference(Strict):
    """Rows found through another table: those whose ``column`` equals ``to`` of a row there.

    Args:
        column: The column of this table. None in which a program guesses, as a telephone system does that enters the
            first customer with the caller's number: that number may have been another person's then.
        table: The other table, as it is named in the configuration. It is erased after this one.
        to: The column there.
        where: For which rows of this table that holds, where the same column leads to several tables:
            ``{ container_type = "Issue" }``. A list of values means one of them.
        raises_version: Whether a row is shown and saved together with the one it refers to (a further field in the form
            of its ticket), so that a change of it raises the ``version`` there, where that row is the subject's.
        contact_points: Whether several rows there that one row leads to are one person's, such as two e-mail addresses
            of a customer in a table of their own. Otherwise a row that leads to rows of two people is both people's,
            such as a device with two owners.
        completes: Whether only the row there holds what a law wants in the document that this row is, such as the name
            and the address of an invoice: it then stays with the document, restricted, as long as a law keeps that.
            ``false`` where the document holds it itself. Where it is not stated, the person who approves is asked.
    """

    column: str
    table: str
    to: str
    where: Where = Field(default_factory=dict)
    raises_version: bool = False
    contact_points: bool = False
    completes: bool | None = None


def require(condition: bool, otherwise: str) -> None:
    """Refuse a section of the configuration.

    Args:
        condition: What it has to fulfil.
        otherwise: How to mend it.

    Raises:
        ValueError: It does not.
    """
    if not condition:
        raise ValueError(otherwise)
