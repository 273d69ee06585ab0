"""The section of the configuration that describes a relational system, and its checks over all tables."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from graphlib import CycleError
from typing import Annotated, Final
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, model_validator

from connectors.settings import OwnLine, SecretRef, SystemSettings
from connectors.sql.column_settings import TicketTable, require
from connectors.sql.stores import location, without_secrets
from connectors.sql.table_order import erasure_order, reading_order
from connectors.sql.table_settings import TableSettings

_SEVERAL: Final = 2
_timezones = cache(available_timezones)
"""Their names, for which Python walks through 600 files."""


def _is_timezone(name: str) -> str:
    if name not in _timezones():
        raise ValueError("use a name of the IANA time zone database, like Europe/Berlin")
    return name


class SqlSettings(SystemSettings):
    """A relational system: which tables hold personal data, whose they are, and what erasing means there.

    A call-detail-record database with its folder of recordings::

        [systems.telephone]
        connector   = "sql"
        url         = "env:CDR_DATABASE_URL"           # postgresql://…, mysql://…, sqlite:////absolute/path
        files       = "file:///var/spool/asterisk/monitor"
        own_numbers = ["+4930901000", "+49309011*"]

        [[systems.telephone.tables]]
        name = "cdr"
        kind = "call"
        title = "call detail records"
        key = ["uniqueid", "sequence", "calldate", "dstchannel"]
        occurred_at = "calldate"
        group = "linkedid"
        one_person = false
        identities = [
          { column = "src",  kind = "phone", direction = "incoming" },
          { column = "dst",  kind = "phone", direction = "outgoing" },
          { column = "clid", kind = "phone", form = "caller_id" },
        ]
        file = { column = "recordingfile", folder = "%Y/%m/%d" }

    Its user needs ``SELECT``, ``UPDATE`` and, unless ``erase = "blank"``, ``DELETE`` on these tables, and ``SELECT`` on
    those whose rows go along with theirs (``ON DELETE CASCADE``): a row on which any of these hang is not deleted.
    MySQL and MariaDB show these only to a user with a right on the whole database, such as ``REFERENCES``, by which no
    data can be read; views need ``SHOW VIEW`` there. What a trigger, a rule or a view removes or changes along, or
    keeps, is taken back, and the row is a person's task.

    Args:
        url: The database's URL, as a secret reference: PostgreSQL, SQLite, or (extra ``mysql``) MySQL and
            MariaDB. Without it the tables are CSV files (``csv``).
        files: The location that ``file`` columns point into, any URL that ``fsspec`` knows.
        files_options: Arguments of the location's driver, secrets as references: ``{ password = "env:NAME" }``. For
            SFTP also ``private_key`` and ``known_hosts``, the file with the server's key.
        files_marker: A file that is always there, so that a share which is not mounted is not taken for an empty one.
        timezone: The zone of times that are stored without one; by default the controller's.
        own_numbers: Lines of the controller that stand in this system only, beside those of ``[controller]``; they name
            no one. A trailing ``*`` means a block.
        extension_digits: Numbers with at most so many digits are agents' extensions and name no one.
        batch_size: Rows (and files) per transaction.
        timeout_seconds: How long one statement, or the connecting, may take.
        not_personal: Tables with a foreign key to a configured one that hold no personal data.
        tickets: The table with the tickets, so that a request can be opened by a ticket's number.
        tables: The tables.
    """

    url: SecretRef | None = None
    files: Annotated[str, AfterValidator(location)] = ""
    files_options: Annotated[dict[str, str | int | bool], AfterValidator(without_secrets)] = Field(default_factory=dict)
    files_marker: str = ""
    timezone: Annotated[str, AfterValidator(_is_timezone)] = ""
    own_numbers: tuple[OwnLine, ...] = ()
    extension_digits: int = Field(default=5, ge=0, le=7)
    batch_size: int = Field(default=100, ge=1, le=500)
    timeout_seconds: int = Field(default=60, ge=1, le=600)
    not_personal: tuple[str, ...] = ()
    tickets: TicketTable | None = None
    tables: tuple[TableSettings, ...] = Field(min_length=1)

    @property
    def account_issuers(self) -> frozenset[str]:
        """The systems whose account ids its columns hold; an empty name stands for itself."""
        columns = (identity for table in self.tables for identity in table.identities)
        return frozenset(column.issuer for column in columns if column.kind.declaration.is_issued)

    def reading_order(self) -> list[TableSettings]:
        """The tables such that those to which another refers come before it.

        Raises:
            graphlib.CycleError: They refer to each other in a circle.
        """
        return self._named(reading_order(self._above))

    def erasure_order(self) -> list[TableSettings]:
        """The tables in the order in which their rows are erased: what refers to another comes before it."""
        naming = {table.name: list(table.naming) for table in self.tables}
        staying = {table.name for table in self.tables if table.erase == "blank" and not table.identities}
        return self._named(erasure_order(self._above, naming, staying))

    @property
    def _above(self) -> dict[str, list[str]]:
        return {table.name: [item.table for item in table.references] for table in self.tables}

    def _named(self, names: Collection[str]) -> list[TableSettings]:
        by_name = {table.name: table for table in self.tables}
        return [by_name[name] for name in names]

    @model_validator(mode="after")
    def _fits_together(self) -> SqlSettings:
        _check_references(self)
        for table in self.tables:
            table.join(self.tables)
        _check_tables(self)
        return self

    def clears_file(self, table: TableSettings) -> bool:
        """Return True if a table's file column is emptied once the file is gone: it is not the row's own id."""
        if table.file is None or not table.file.layout:
            return table.file is not None
        referred = {item.to for other in self.tables for item in other.references if item.table == table.name}
        return table.file.column not in {*table.key, *referred, table.group}


def _check_tables(section: SqlSettings) -> None:
    """Make sure that the tables fit together.

    Raises:
        ValueError: They do not; its text says how to mend it.
    """
    _check_kinds(section)
    _check_versions(section)
    _check_files(section)
    _check_tickets(section)


def _check_kinds(section: SqlSettings) -> None:
    kinds = [table.record_kind for table in section.tables]
    kinds += sorted({table.file.kind for table in section.tables if table.file})
    require(len(kinds) == len(set(kinds)), "two tables or file columns have the same kind; give each its own")
    names = {table.name for table in section.tables}
    require(len(names) == len(section.tables), "a table is configured twice; give one section several references")
    for table in section.tables:
        is_found = bool(table.identities or table.references or table.parts)
        require(is_found, f"give identities or references to {table.name}, or no row of it is ever found")


def _check_references(section: SqlSettings) -> None:
    names = {table.name for table in section.tables}
    wanted = {(reference.table, reference.to) for table in section.tables for reference in table.references}
    require({name for name, _ in wanted} <= names, "a reference names a table that is not configured; add that table")
    changed = {(table.name, column) for table in section.tables for column in table.changeable}
    require(not wanted & changed, "rectify or fields names a column that another table refers to; leave it out")
    require(
        all(len([item for item in table.references if item.part]) < _SEVERAL for table in section.tables),
        "a table is a part of two others; let one reference have part = true",
    )
    try:
        section.reading_order()
    except CycleError:
        raise ValueError("the references of the tables run in a circle; leave one out") from None


def _check_versions(section: SqlSettings) -> None:
    counted = {table.name for table in section.tables if table.version}
    raised = {reference.table for table in section.tables for reference in table.references if reference.raises_version}
    require(raised <= counted, "raises_version needs the key version of the table that is referred to")


def _check_files(section: SqlSettings) -> None:
    require(
        bool(section.files) or not any(table.file or table.csv for table in section.tables),
        "a file column and csv need the key files",
    )
    require(
        {bool(table.csv) for table in section.tables} == {section.url is None},
        "give the key url, or csv in each table instead of it",
    )
    files = [table.file for table in section.tables if table.file]
    layouts = {(column.kind, column.layout) for column in files}
    require(len(layouts) == len({kind for kind, _ in layouts}), "file columns of one kind need the same layout in each")
    for table in section.tables:
        is_sound = not table.file or not table.file.layout or table.file.optional or section.clears_file(table)
        require(
            is_sound,
            f"the file column of {table.name} is the id of its rows and cannot be emptied when the files are gone; "
            "write optional = true",
        )


def _check_tickets(section: SqlSettings) -> None:
    if section.tickets is None:
        return
    names = {table.name for table in section.tables}
    references = {
        item.column for table in section.tables if table.name == section.tickets.table for item in table.references
    }
    require(section.tickets.table in names, "tickets names a table that is not configured; add that table")
    require(
        section.tickets.requester in {"", *references},
        "tickets.requester has to be a column of that table's references, which leads to the requester's row",
    )
