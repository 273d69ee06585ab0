"""The parts of a table's section: the columns that name a person, refer, hold fields or point at files, and more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from connectors.settings import Issuer, Strict
from connectors.sql.inside import EVERY, overlap, values_at
from connectors.sql.layouts import PatternText
from connectors.sql.values import compared
from rightsflow.domain.birth_dates import DateOrder
from rightsflow.domain.deadlines.periods import add_months
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.vocabulary.records import DocumentClass, Fact
from rightsflow.domain.vocabulary.states import is_case_id

Scalar = str | int | float | bool
Where = dict[str, Scalar | tuple[Scalar, ...]]
"""Columns with the value, or one of the values, that a row has to have in each."""
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Mark = str | int | bool | None
_NO_ID: Final = "0"


def fulfils(where: Where, row: Mapping[str, object]) -> bool:
    """Return True if a row has one of the wanted values in each column."""
    return all(row[name] in (value if isinstance(value, tuple) else (value,)) for name, value in where.items())


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


_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\*|\d+)\]")
_PATH: Final = re.compile(r"(?:(?:^|\.)[^.\[\]]+|\[(?:\*|\d+)\])+")


def _steps(value: object) -> object:
    if not isinstance(value, str) or not value:
        return value
    require(bool(_PATH.fullmatch(value)), "write a path like contacts[*].email")
    return [name or number for name, number in _STEP.findall(value)]


Steps = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_steps)]
"""A path as a text with dots, or as a list of names where one has a dot in it."""


class FieldColumn(Strict):
    """A field of a row: a column, what is at a path in it, or the column in rows of one sort alone.

    Args:
        column: Its name.
        path: Where the field is inside the column, by names and positions: ``"customer.email"``,
            ``"contacts[*].phone"``, ``"payer.*"`` for each member of an object. The column holds JSON, a serialised
            value of PHP, a mail with its header (``"from"``, ``"subject"``, ``"body"``), or an array. A list of names
            where one has a dot in it: ``["billing.address", "street"]``.
        where: In which rows it is that field, where the table has a row for each field of a person:
            ``{ meta_key = "billing_email" }``. A list of values means one of them.
    """

    column: str
    path: Steps = ()
    where: Where = Field(default_factory=dict)

    @property
    def is_plain(self) -> bool:
        """True if the field is a whole column of every row."""
        return not self.path and not self.where

    @property
    def words(self) -> str:
        """The field as it is named in a sentence, without its ``where``."""
        return ".".join((self.column, *self.path))

    def is_in(self, row: Mapping[str, object]) -> bool:
        """Return True if a row has the field."""
        return fulfils(self.where, row)

    def values(self, row: Mapping[str, object]) -> list[Any]:
        """The values of the field in a row: one of a plain column, any number at a path.

        Raises:
            Unreadable: The path leads into something that is in no known format.
        """
        if not self.is_in(row):
            return []
        stored = row[self.column]
        return [*values_at(stored, self.path)] if self.path or isinstance(stored, list) else [stored]

    def overlaps(self, other: FieldColumn) -> bool:
        """Return True if what is in this field may also be in another one."""
        return self.column == other.column and self.meets(other) and overlap(self.path, other.path)

    def is_beside(self, other: FieldColumn) -> bool:
        """Return True if the field is in every member of a list, and another one is in a member of the same list."""
        lists = (at for at, step in enumerate(self.path[: len(other.path)]) if step == EVERY)
        is_met = self.column == other.column and self.meets(other)
        return is_met and any(overlap(self.path[:at], other.path[:at]) for at in lists)

    def is_below(self, path: tuple[str, ...]) -> bool:
        """Return True if the field is inside what is at a path of its column."""
        return len(self.path) > len(path) and overlap(self.path, path)

    def meets(self, other: FieldColumn) -> bool:
        """Return True if a row may have this field and another one."""
        both = self.where.keys() & other.where.keys()
        return all({*_listed_values(self.where[name])} & {*_listed_values(other.where[name])} for name in both)

    def contains(self, other: FieldColumn) -> bool:
        """Return True if this field is another one, or has that inside it, in a row that has both."""
        return self.overlaps(other) and len(self.path) <= len(other.path)

    def covers(self, other: FieldColumn) -> bool:
        """Return True if this field contains another one in every row that has that."""
        listed = {name: set(_listed_values(value)) for name, value in other.where.items()}
        inside = all(name in listed and listed[name] <= set(_listed_values(on)) for name, on in self.where.items())
        return inside and self.contains(other)


def _listed_values(value: Scalar | tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    return value if isinstance(value, tuple) else (value,)


class BlankedColumn(FieldColumn):
    """A field that blanking empties.

    Args:
        column: Its column.
        path: Where it is inside the column, as in ``to_null``: ``"customer.email"``, or a list of names.
        where: In which rows it is that field, where the table has a row for each: ``{ meta_key = "billing_email" }``.
        value: The value that it gets. In a text ``{key}`` stands for the row's own key.
    """

    value: Scalar | None = ""


class IdentityColumn(FieldColumn):
    """A field that names the person a row belongs to.

    Args:
        column: Its column. None in which a program guesses whose a row is (see the references).
        path: Where it is inside the column, as in ``to_null``: ``"customer.email"``, or a list of names.
        where: In which rows it is that field, where the table has a row for each: ``{ meta_key = "billing_email" }``.
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
        unknown: What is stored there for a value that is not known, such as ``["1950-01-01"]``, beside what means that
            everywhere: of dates ``0000-00-00``, ``1900-01-01``, ``1970-01-01``, …; of ids ``0``.
    """

    kind: IdentifierKind
    form: Literal["plain", "caller_id", "embedded"] = "plain"
    countries: tuple[Country, ...] = ()
    bare: bool = True
    direction: Literal["", "incoming", "outgoing"] = ""
    issuer: Issuer | Literal[""] = ""
    date_order: DateOrder = DateOrder.UNKNOWN
    unknown: tuple[str, ...] = ()

    @property
    def no_one(self) -> tuple[str, ...]:
        """The values that mean that there is none, such as the account 0 of an order without an account."""
        return (*self.unknown, _NO_ID) if self.kind.is_id else self.unknown

    @property
    def place(self) -> str:
        """The field by a name of its own among those of its table."""
        where = (f"{name} = {'/'.join(map(str, _listed_values(value)))}" for name, value in self.where.items())
        return f"{self.words} where {' and '.join(where)}" if self.where else self.words

    @model_validator(mode="after")
    def _is_sound(self) -> IdentityColumn:
        embeddable = self.form != "embedded" or self.kind is IdentifierKind.PHONE
        require(embeddable, 'form = "embedded" is for phone numbers only')
        has_issuer = self.kind.declaration.is_issued or not self.issuer
        require(has_issuer, 'issuer is for kind = "account_id" only')
        is_date = self.kind is IdentifierKind.BIRTH_DATE or not self.date_order
        require(is_date, 'date_order is for kind = "birth_date" only')
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
        prefix: What is before the value in this column, where it says to which table it leads: ``"party.party,"`` for
            ``party.party,12``. Other values of the column lead elsewhere.
        part: Whether the row is a part of the row there: a field of a person, an order or a ticket, which has a row for
            each field (``usermeta``, ``postmeta``, custom fields). Whom it names, the row there names as well: a person
            who is known by such a field alone is found with all that belongs to the row there. Of a thing that people
            have in turn (a device, by its IMEI alone) it is an owner at its date, and dates tell whose its records are.
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
    prefix: str = ""
    part: bool = False
    raises_version: bool = False
    contact_points: bool = False
    completes: bool | None = None
    _no_one: frozenset[str] = PrivateAttr(frozenset({""}))

    def leads_nowhere_by(self, values: Iterable[object]) -> None:
        """Note values by which no row refers to another one, since they mean no one on either side.

        Args:
            values: As the column of one of the two tables holds them.
        """
        self._no_one |= {_without_blanks(value) for value in values if value is not None}

    def applies(self, row: Mapping[str, object]) -> bool:
        """Return True if a row refers by it: its column names someone, begins as it says, ``where`` is fulfilled."""
        stored = row[self.column]
        if stored is None or not str(stored).startswith(self.prefix) or not fulfils(self.where, row):
            return False
        return self._no_one.isdisjoint((_without_blanks(stored), _without_blanks(self.value(row))))

    def value(self, row: Mapping[str, object]) -> Any:
        """What a row that refers has in common with the row there."""
        value = row[self.column]
        return str(value).removeprefix(self.prefix) if self.prefix and value is not None else value

    def stored(self, value: object) -> object:
        """The same as this table's column holds it."""
        return f"{self.prefix}{value}" if self.prefix and value not in (None, "") else value


def _without_blanks(value: object) -> str:
    return compared(value.strip() if isinstance(value, str) else value)


def _listed(value: object) -> object:
    """A name, a column, or a list of either, as a list of columns."""
    listed = value if isinstance(value, list | tuple) else [value]
    return [{"column": item} if isinstance(item, str) else item for item in listed]


Columns = Annotated[tuple[FieldColumn, ...], BeforeValidator(_listed)]
FieldColumns = Annotated[Columns, Field(min_length=1)]


def _with_values(value: object) -> object:
    """Columns with the value that each gets, as a list of fields."""
    return [{"column": name, "value": item} for name, item in value.items()] if isinstance(value, Mapping) else value


Blanked = Annotated[tuple[BlankedColumn, ...], BeforeValidator(_with_values)]


def columns_of(fields: Iterable[FieldColumn]) -> Iterator[str]:
    """Every column that some fields name.

    Args:
        fields: The fields.
    """
    for field in fields:
        yield from (field.column, *field.where)


class FileColumn(Strict):
    """A column that points at a file in the system's ``files`` location.

    Args:
        column: Its name; it holds a bare file name, a path in the location, or a path that begins with it.
        folder_column: The column that holds the file's folder in the location, where that is a column of its own.
        folder: The folder of a bare name as a ``strftime`` pattern over the row's ``occurred_at``, for example
            ``%Y/%m/%d``. The days before and after are looked at too: a call over midnight is under its first.
        kind: The word for the files' kind of record.
        title: The same for people, in the plural.
        layout: The paths of all files of a call, which are one record, instead of ``folder`` and ``extensions``:
            ``{id}`` is the column's value, ``%Y``, ``%m``, ``%d`` the day of ``occurred_at`` (or the one before or
            after), ``*`` anything within a name, a last part ``**`` all files below.
        optional: ``true`` if not every row has a file; otherwise a row without one is a person's task.
        extensions: Extensions that the file may have instead of the column's, for example ``[".mp3"]`` where
            recordings are converted later.
        cleared: What is written into the column once the file is gone; it means no file. Where the column may
            only hold what another table has (files stored once, by their digest), a value that was put there for it.
        document_class: Which class of document the files are, as in :class:`TableSettings`.
        residue: What remains of the files after an erasure and until when, for the answer.
    """

    column: str
    folder_column: str = ""
    folder: str = ""
    kind: Word = "recording"
    title: str = "call recordings"
    layout: tuple[PatternText, ...] = ()
    optional: bool = False
    extensions: tuple[Annotated[str, Field(pattern=r"^\.[A-Za-z0-9]{1,8}$")], ...] = ()
    cleared: str = ""
    document_class: DocumentClass | None = None
    residue: str = ""

    @property
    def needs_day(self) -> bool:
        """True if files are found by the day of the row."""
        return bool(self.folder) or any("%" in pattern for pattern in self.layout)

    @model_validator(mode="after")
    def _is_one_way(self) -> FileColumn:
        require(
            not (self.layout and (self.folder or self.folder_column or self.extensions)),
            "layout says where files are by itself; leave folder, folder_column and extensions out",
        )
        return self


class BlobColumn(Strict):
    """A column that holds a file itself, such as a picture or a recording.

    Args:
        column: Its name.
        name_column: The column with the file's name, by whose extension its type is told.
    """

    column: str
    name_column: str = ""


class Restriction(Strict):
    """A column that says that a row is stored and used for nothing else (Art. 18 GDPR).

    Your own programs have to leave rows out that have it: no view, no export, no mailing may show them. A column
    that has another use too (a ticket that is private) loses what stood there when the restriction is lifted.

    Args:
        column: Its name.
        value: What is written into it; ``true`` by default.
        lifted: What is written into it when the restriction is lifted; ``false`` by default.
        case_column: A text column that is empty or holds the number of our case beside the mark; only with it is a mark
            that a restored back-up brings back told from one that someone else put, and taken away again.
    """

    column: str
    value: Mark = True
    lifted: Mark = False
    case_column: str = ""

    def case_in(self, row: Mapping[str, object]) -> str:
        """The case that a row names beside the mark; empty where it names none."""
        named = str(row[self.case_column] or "").strip() if self.case_column else ""
        return named if is_case_id(named) else ""

    def emptied(self, row: Mapping[str, object]) -> dict[str, object]:
        """Return what takes a mark of ours out of a row that is blanked; nothing of a mark that names no case.

        The number of the person's own case would lead back to them.
        """
        return {self.column: self.lifted, self.case_column: None} if self.case_in(row) else {}


class Preflight(Strict):
    """What depends on the rows of a table: an order that is not fulfilled, a ticket that is not solved, a warranty.

    Args:
        open_when: When a row's matter still runs: columns with a value, or one of several values, such as
            ``{ status = ["new", "shipped"] }``.
        what: What runs then: ``order`` (it is kept until it is fulfilled) or ``ticket`` (the approver is notified).
        warranty_months: For how many months from the row's ``occurred_at`` on it may be proof of a purchase for a
            warranty; 0 where it is none.
    """

    open_when: Where = Field(default_factory=dict)
    what: Literal["order", "ticket"] = "order"
    warranty_months: int = Field(default=0, ge=0, le=240, strict=True)

    @model_validator(mode="after")
    def _says_something(self) -> Preflight:
        if not self.open_when and not self.warranty_months:
            raise ValueError("give open_when, warranty_months, or both")
        return self

    def facts(self, row: dict[str, object], occurred_on: date | None, today: date) -> frozenset[Fact]:
        """What depends on a row.

        Args:
            row: The row.
            occurred_on: Its date.
            today: The present day in the same zone.
        """
        found: set[Fact] = set()
        if self.open_when and all(_is_one_of(row[name], wanted) for name, wanted in self.open_when.items()):
            found.add(Fact.OPEN_ORDER if self.what == "order" else Fact.OPEN_TICKET)
        if self.warranty_months and occurred_on and today <= add_months(occurred_on, self.warranty_months):
            found.add(Fact.WARRANTY)
        return frozenset(found)


def _is_one_of(value: object, wanted: object) -> bool:
    return value in wanted if isinstance(wanted, tuple) else value == wanted


class TicketTexts(Strict):
    """The table with the replies in tickets, in which requests are found as well.

    Args:
        table: One of the configured tables; its ``occurred_at`` says when a reply arrived.
        ticket: The column of its ``references`` that leads to the ticket.
        texts: The columns with what was written.
        agent_when: When an agent wrote it, as ``where``: ``{ is_staff = true }``, columns of the reply.
    """

    table: str
    ticket: str
    texts: tuple[str, ...] = Field(min_length=1)
    agent_when: Where = Field(default_factory=dict)


class TicketTable(Strict):
    """The table with the tickets, so that a request can be opened by a ticket's number.

    Args:
        table: One of the configured tables; its ``occurred_at`` says when a ticket arrived.
        key: The column with the ticket's number.
        requester: The column of the table's ``references`` that leads to the requester's row; empty if the ticket
            itself names the requester.
        email: The column with the requester's e-mail address; here and below in the requester's row.
        phone: The column with their telephone number.
        customer_id: The column with their customer number.
        name: The column with their name.
        agent_when: When an agent is the requester, as ``where``: ``{ source = "internal" }``, columns of the ticket.
        texts: The columns with what the requester wrote, in which requests are found; none are read without it.
        replies: The table with further texts of the ticket, if there is one.
    """

    table: str
    key: str
    requester: str = ""
    email: str = ""
    phone: str = ""
    customer_id: str = ""
    name: str = ""
    agent_when: Where = Field(default_factory=dict)
    texts: tuple[str, ...] = ()
    replies: TicketTexts | None = None

    @property
    def has_texts(self) -> bool:
        """True if requests are found in its texts."""
        return bool(self.texts or self.replies)

    @property
    def columns_by_kind(self) -> dict[IdentifierKind, str]:
        """The columns that name the requester, by what they hold."""
        columns = {
            IdentifierKind.EMAIL: self.email,
            IdentifierKind.PHONE: self.phone,
            IdentifierKind.CUSTOMER_ID: self.customer_id,
            IdentifierKind.NAME: self.name,
        }
        return {kind: column for kind, column in columns.items() if column}

    @model_validator(mode="after")
    def _names_a_person(self) -> TicketTable:
        if not (self.email or self.phone or self.customer_id):
            raise ValueError("give the column email, phone or customer_id, or no requester is ever found")
        return self
