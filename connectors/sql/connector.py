"""The connector of a relational system: its parts put together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connectors.registry import ConnectorType, ControllerPlace
from connectors.sql.blanking import blank
from connectors.sql.client import SqlDatabase
from connectors.sql.column_settings import FieldColumn
from connectors.sql.coverage import uncovered
from connectors.sql.csv_database import CsvDatabase
from connectors.sql.erase import erase
from connectors.sql.extract import extract, withheld
from connectors.sql.files import FileStore
from connectors.sql.locate import SqlLocator
from connectors.sql.persons import PhoneReader
from connectors.sql.probe import probe
from connectors.sql.rectify import foresee, rectify, still_wrong
from connectors.sql.requesters import requester_of
from connectors.sql.restrict import marks, restrict
from connectors.sql.rows import SqlSite
from connectors.sql.samples import samples
from connectors.sql.settings import SqlSettings
from connectors.sql.table_settings import TableSettings
from connectors.sql.texts import new_texts, texts_of
from connectors.sql.verify import presence
from rightsflow.domain.connector import Capabilities, Health, NewText, RecordKind, Sample
from rightsflow.domain.coverage import SystemPlace
from rightsflow.domain.identifiers import IdentifierKind, Identifiers
from rightsflow.domain.rectification.changes import Change, FieldOf
from rightsflow.domain.requesters import NoRequester, Requester, WhyNot
from rightsflow.domain.spellings.fields import CANNOT_FIND
from rightsflow.domain.vocabulary.field_words import FieldWords
from rightsflow.domain.vocabulary.records import (
    DocumentClass,
    Fact,
    Located,
    MarkSeen,
    Method,
    Outcome,
    Part,
    Presence,
    RecordRef,
)

_NOT_BARE = (
    "Phone numbers that begin with their country code without + or 00, in columns for which these are switched off."
)
_FREE_TEXT = "Mentions in columns that the configuration does not name as identities, such as the text of a note."
_ENCODED = (
    "Addresses, numbers and ids inside JSON, serialised values and mails that are spelt there in escapes or in the "
    "encodings of mail."
)
_FILE_FIXED = "A file is what was recorded or sent then, and is not altered."
_EXPORTED = (
    "The file with the entry may be an export. If the system that writes it still has the entry, a later export has it "
    "again."
)
_FILE_RESIDUE = (
    "If there are copies of the file elsewhere (an archive, voicemail sent by e-mail), we have not reached them. How "
    "long they are kept is not known to us."
)


class SqlConnector:
    """A relational system described in the configuration; keeps :class:`rightsflow.domain.connector.Connector`.

    Args:
        system: The system's name in the configuration.
        settings: Its section.
        place: Where national numbers and times without a zone are read.
        clock: Gives the present instant, aware.
    """

    def __init__(
        self,
        system: str,
        settings: SqlSettings,
        place: ControllerPlace,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        files = FileStore(system, settings) if settings.files else None
        self._site = SqlSite(
            system=system,
            settings=settings,
            database=SqlDatabase(system, settings)
            if settings.url or files is None
            else CsvDatabase(system, settings, files.store),
            files=files,
            phones=PhoneReader(
                country=place.country,
                own_numbers=(*settings.own_numbers, *place.own_lines),
                extension_digits=settings.extension_digits,
            ),
            zone=ZoneInfo(settings.timezone or place.timezone),
            clock=clock,
        )

    def __repr__(self) -> str:
        """The system's name only."""
        return f"<SqlConnector {self.system}>"

    @property
    def system(self) -> str:
        """The system's name in the configuration."""
        return self._site.system

    @property
    def capabilities(self) -> Capabilities:
        """Files first, then tables, each before those it refers to."""
        settings = self._site.settings
        columns = {table.file.kind: table.file for table in settings.tables if table.file}
        files = [
            RecordKind(
                name=kind,
                title=column.title,
                methods=frozenset({Method.ERASE}),
                residue=column.residue or _FILE_RESIDUE,
                calls={Method.ERASE: "removal of the file"},
                document=column.document_class,
                fixed=_FILE_FIXED,
                found_through=frozenset(
                    table.record_kind for table in settings.tables if table.file and table.file.kind == kind
                ),
            )
            for kind, column in columns.items()
        ]
        named = {identity.kind for table in settings.tables for identity in table.identities}
        return Capabilities(
            kinds=(*files, *(_record_kind(table_settings, settings) for table_settings in settings.erasure_order())),
            searches=frozenset(kind.value for kind in named if kind.finds),
            account_issuers=frozenset(issuer or self.system for issuer in settings.account_issuers),
            cannot_find=_cannot_find(settings),
            has_tickets=settings.tickets is not None,
            has_new_texts=settings.tickets is not None and settings.tickets.has_texts,
        )

    def probe(self) -> Health:
        """Connects, and looks at tables, columns, rights and files."""
        return probe(self._site)

    def samples(self) -> Iterator[Sample]:
        """For each identity column, how many of its values can be read."""
        yield from samples(self._site)

    def locate(self, known: Identifiers) -> Iterator[Located]:
        """The rows that name the subject, what refers to them, and the files they point at."""
        yield from SqlLocator(self._site, known).walk()

    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        """A document per row and a blob per file."""
        yield from extract(self._site, refs, known)

    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        """Removes files, deletes or blanks rows, or marks them as restricted."""
        change = erase if method.removes else restrict
        yield from change(self._site, refs, method, known)

    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        """Verifies by fresh reads."""
        yield from presence(self._site, refs, known)

    def marks(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[MarkSeen]:
        """Reads the declared columns of the subject's rows again."""
        yield from marks(self._site, refs, known)

    def mark(self, refs: Sequence[RecordRef], method: Method, known: Identifiers, case_id: str) -> Iterator[Outcome]:
        """Writes the declared columns of a case's mark into the subject's rows, or empties them."""
        yield from restrict(self._site, refs, method, known, case_id)

    def rectify(self, refs: Sequence[RecordRef], changes: Sequence[Change], known: Identifiers) -> Iterator[Outcome]:
        """Writes declared columns of the subject's rows, and reads them afresh."""
        yield from rectify(self._site, refs, changes, known)

    def foresee(self, changes: Sequence[Change]) -> Iterator[FieldOf]:
        """The fields whose columns have no room for a right value, by their types and character sets."""
        yield from foresee(self._site, changes)

    def blank(self, refs: Sequence[RecordRef], fields: Collection[str], known: Identifiers) -> Iterator[Outcome]:
        """Blanks declared columns of the subject's rows that are kept, and reads them afresh."""
        yield from blank(self._site, refs, fields, known)

    def still_wrong(
        self, refs: Sequence[RecordRef], changes: Sequence[Change], known: Identifiers
    ) -> Iterator[Presence]:
        """Yield the presence of a wrong value in each row."""
        yield from still_wrong(self._site, refs, changes, known)

    def uncovered(self) -> Iterator[SystemPlace]:
        """Reads schema and samples in sessions that cannot write."""
        yield from uncovered(self._site)

    def requester_of(self, ticket: str) -> Requester:
        """Reads the row of a ticket, and that of its requester."""
        if self._site.settings.tickets is None:
            raise NoRequester(WhyNot.NO_TICKET)
        return requester_of(self._site, self._site.settings.tickets, ticket)

    def new_texts(self, since: datetime) -> Iterator[NewText]:
        """Reads the texts of tickets and of their replies; none where the section tickets names no columns."""
        if (tickets := self._site.settings.tickets) is not None and tickets.has_texts:
            yield from new_texts(self._site, tickets, since)

    def texts_of(self, record: RecordRef) -> Iterator[NewText]:
        """Reads the texts of one ticket."""
        if (tickets := self._site.settings.tickets) is not None and tickets.has_texts:
            yield from texts_of(self._site, tickets, record)

    def close(self) -> None:
        """Close the pooled connections; the next call opens new ones."""
        self._site.database.close()


def _record_kind(table: TableSettings, settings: SqlSettings) -> RecordKind:
    kinds = {item.name: item.record_kind for item in settings.tables}
    deletion = f"removal of lines from {table.csv.path}" if table.csv else f"DELETE, table {table.name}"
    calls = {Method.ERASE: deletion} if table.erase == "delete" else {}
    if table.blanks:
        columns = ", ".join(dict.fromkeys(item.words for item in table.blanks))
        calls[Method.REDACT] = f"UPDATE, table {table.name}, columns {columns}"
    if table.restriction:
        calls[Method.RESTRICT] = f"UPDATE, table {table.name}, column {table.restriction.column}"
    if table.fields:
        calls[Method.BLANK] = _update(table.name, table.fields)
    if table.rectify:
        calls[Method.RECTIFY] = _update(table.name, table.rectify)
    return RecordKind(
        name=table.record_kind,
        title=table.words,
        methods=frozenset(calls),
        calls=calls,
        residue=table.residue or (_EXPORTED if table.csv else ""),
        manual_step=table.manual_step,
        withheld=withheld(table),
        is_profile=table.is_profile,
        words=FieldWords(labels=table.said, codes=table.codes),
        fields=frozenset(table.rectify),
        blankable=frozenset(table.fields),
        completed_by={kinds[reference.table]: reference.completes for reference in table.references},
        document=table.document_class or (DocumentClass.VOUCHER if Fact.ACCOUNTING in table.facts else None),
    )


def _update(table: str, fields: Mapping[str, tuple[FieldColumn, ...]]) -> str:
    columns = sorted({item.words for of in fields.values() for item in of})
    return f"UPDATE, table {table}, columns {', '.join(columns)}"


def _cannot_find(settings: SqlSettings) -> tuple[str, ...]:
    columns = [identity for table in settings.tables for identity in table.identities]
    sentences = [CANNOT_FIND[kind] for kind in CANNOT_FIND if any(column.kind is kind for column in columns)]
    if not all(column.bare for column in columns if column.kind is IdentifierKind.PHONE):
        sentences.append(_NOT_BARE)
    if any(column.path for column in columns):
        sentences.append(_ENCODED)
    return (*sentences, _FREE_TEXT)


CONNECTOR = ConnectorType(settings=SqlSettings, build=SqlConnector)
