"""The section of one table of a relational system."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from itertools import combinations
from typing import Annotated, Any, Final, Literal
from zoneinfo import available_timezones

from pydantic import Field, PrivateAttr, model_validator

from connectors.settings import FieldName, Strict
from connectors.sql.column_settings import (
    Blanked,
    BlankedColumn,
    BlobColumn,
    Columns,
    FieldColumn,
    FieldColumns,
    FileColumn,
    IdentityColumn,
    Preflight,
    Reference,
    Restriction,
    Scalar,
    Where,
    Word,
    columns_of,
    require,
)
from connectors.sql.csv_files import CsvFile
from rightsflow.domain.identifier_kinds import KindRole
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.rectification.changes import STATEMENT
from rightsflow.domain.vocabulary.records import DocumentClass, Fact

_IDS = frozenset({IdentifierKind.CUSTOMER_ID, IdentifierKind.ACCOUNT_ID})
_SEVERAL = 2
_NUMBERS: Final = {"incoming": "Calling number", "outgoing": "Called number"}
_timezones = cache(available_timezones)
"""Their names, for which Python walks through 600 files."""
KEY: Final = "{key}"
"""The placeholder of the row's own key in a text, where a column takes each value once."""


class TableSettings(Strict):
    """One table.

    Args:
        name: Its name, with ``schema.`` before it where it does not lie in the default schema.
        kind: The word for its rows' kind of record; by default the name.
        title: The same for people, in the plural; by default the kind.
        category: In the words of the record of processing; by default the title.
        key: The columns that together tell a row; the table needs no primary key. Rows that agree in all of them are
            one record.
        identities: The columns, or fields inside them, that name the person.
        one_person: ``true`` if all of them name one person (a profile, a ticket); ``false`` if they may name several,
            as in call records: then only what matches is the subject's. If not stated, two columns of one sort, or two
            addresses in one column, count as different people's.
        profile: ``true`` if each row is a person's profile, so that letters may use its name; by default if customer
            or account numbers are the table's key, or ``language`` is given.
        references: Through which tables further rows are found, for example comments through their tickets.
        where: Which rows of the table count at all, for example ``{ type = "User" }``. A list of values means one of
            them. Rows that do not count are neither found nor changed.
        author: The column with the author of a row found through another (a note in a ticket), of ``identities`` or
            ``references``. What others wrote in the subject's ticket is masked in the answer and kept by an erasure.
        disclose_others: ``true`` if the answer gives what others wrote in the subject's records, such as agents'
            replies; their names in ``identities`` stay masked.
        erase_others: ``true`` if an erasure removes what others wrote in the subject's records.
        group: A column whose value the rows of one event share (``linkedid``): its rows that name no one else are found
            too, and its files are shared with others whom its rows name.
        occurred_at: The column with the row's date or time, from which retention runs.
        language: In a table of people, the column with the language as a BCP 47 tag (``de``, ``pt-BR``), unless the
            request names another.
        version: The column of your programs' optimistic locking (``lock_version`` of Rails, ``@Version`` of JPA),
            raised by each change, so that a form opened before does not write back what was corrected or blanked.
        erase: ``delete`` removes rows; ``blank`` keeps them and blanks columns. A row also stays if the database
            requires it for rows that stay, which the plan names.
        blank: Columns to blank and the value each gets; with ``erase = "delete"`` in rows that name others too or have
            to stay. In a text ``{key}`` stands for the row's own key, where values are unique: ``{ login =
            "erased-{key}" }``. As a list, fields inside columns and of some rows: ``[{ column = "details", path =
            "customer.email", value = "" }]``.
        to_null: Columns, or fields as in ``blank``, to blank with SQL's ``NULL``, or with the null of what they are in.
        restriction: The column that marks a row as restricted, if there is one: only then can it be restricted.
        rectify: The columns that a rectification may write (Art. 16 GDPR), by the fields of a correction: ``{ phone =
            ["tel", "mobile"], "date of birth" = "born" }``, in a table with a row for each field ``{ phone = { column =
            "value", where = { field_id = 1 } } }``. ``statement`` names the column for supplementary statements.
            Columns of text, whole numbers and dates; none of ids, and none that other tables refer to.
        fields: Columns by what stands in them, written alike. Where a law alone keeps a row, those that it does not
            need ([retention] needed) get what ``blank`` gives them, else ``NULL`` or an empty text; not those by which
            alone the row is found.
        hide: Columns, or fields inside them, that are not the person's data (an agent's name): the answer leaves them
            out and lists their labels.
        hide_reason: Why they are left out, in one sentence for the answer.
        not_personal: Columns, or fields inside them, that never name the person: blanking leaves them, a foreign key is
            not followed, and ``rightsflow doctor`` does not ask.
        labels: The columns' names for the person, such as ``{ billsec = "Seconds of speech" }``; files for programs
            keep the column's name.
        codes: The values' names for the person, such as ``{ disposition = { answered = "Answered" } }``; codes in small
            letters.
        triggers_change: Other tables whose rows this one's triggers change, such as a counter, where a person has seen
            that they are no other person's. Without, a change that reaches rows of another table is taken back.
        facts: What is true of every row, for example ``["accounting"]`` for vouchers.
        preflight: What depends on its rows, such as an open order.
        file: The column that points at a file, if there is one.
        csv: The CSV files in the location ``files`` that are the table; without a ``url`` each table has them.
        blob: The column that holds a file itself, if there is one. It goes with the row, or where ``to_null`` or
            ``blank`` names it.
        document_class: The class of document of the rows; by default ``voucher`` with the fact ``accounting``,
            otherwise the plan of an erasure asks.
        residue: What remains after an erasure and until when, for the answer.
        manual_step: What a person has to do manually, such as in log files.
    """

    name: Annotated[str, Field(pattern=r"^[^.]+(\.[^.]+)?$")]
    kind: Word | Literal[""] = ""
    title: str = ""
    category: str = ""
    key: tuple[str, ...] = Field(min_length=1)
    identities: tuple[IdentityColumn, ...] = ()
    one_person: bool = True
    profile: bool | None = None
    references: tuple[Reference, ...] = ()
    where: Where = Field(default_factory=dict)
    author: str = ""
    disclose_others: bool = False
    erase_others: bool = False
    group: str = ""
    occurred_at: str = ""
    language: str = ""
    version: str = ""
    erase: Literal["delete", "blank"] = "delete"
    blank: Blanked = ()
    to_null: Columns = ()
    restriction: Restriction | None = None
    rectify: dict[FieldName, FieldColumns] = Field(default_factory=dict)
    fields: dict[FieldName, FieldColumns] = Field(default_factory=dict)
    hide: Columns = ()
    not_personal: Columns = ()
    hide_reason: str = "They describe employees, other people or the system itself, not you."
    labels: dict[str, str] = Field(default_factory=dict)
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    triggers_change: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    preflight: Preflight | None = None
    file: FileColumn | None = None
    blob: BlobColumn | None = None
    csv: CsvFile | None = None
    document_class: DocumentClass | None = None
    residue: str = ""
    manual_step: str = ""
    _parts: tuple[tuple[Reference, TableSettings], ...] = PrivateAttr(())

    @property
    def parts(self) -> tuple[tuple[Reference, TableSettings], ...]:
        """The tables whose rows are parts of this one's and name whose it is, each with its reference to this."""
        return () if self.is_had_in_turn else self._parts

    @property
    def naming(self) -> tuple[str, ...]:
        """The tables whose rows are parts of this one's and name people, also of a thing that these have in turn."""
        return tuple(part.name for _, part in self._parts)

    @property
    def every_part(self) -> Iterator[tuple[TableSettings, ...]]:
        """The same with the parts of parts: the tables on the way from this one to each."""
        for _, part in self.parts:
            yield (part,)
            yield from ((part, *further) for further in part.every_part)

    @property
    def part_of(self) -> Reference | None:
        """The reference to the table of whose rows this one's are parts."""
        return next((item for item in self.references if item.part), None)

    def join(self, tables: Collection[TableSettings]) -> bool:
        """Note the tables whose rows are parts of this one's; returns whether its rows or these name people.

        What means no one in a column leads nowhere: orders of guests belong to no customer who has no number either.

        Args:
            tables: All tables.
        """
        for reference in self.references:
            [other] = (table for table in tables if table.name == reference.table)
            reference.leads_nowhere_by((*self.no_one_in(reference.column), *other.no_one_in(reference.to)))
        found = ((table.part_of, table) for table in tables)
        self._parts = tuple((of, part) for of, part in found if of and of.table == self.name and part.join(tables))
        return bool(self.identities or self._parts)

    def no_one_in(self, column: str) -> Iterator[object]:
        """What a column holds that means no one, also what blanking has written there."""
        for identity in self.identities:
            if identity.column == column and not identity.path:
                yield from identity.no_one
        if column in self.blanked:
            yield self.blanked[column]

    @property
    def is_had_in_turn(self) -> bool:
        """Whether its rows are things that people have in turn, such as devices: an owner among the parts is one's day.

        The row is not then a person's, and neither is what hangs on it: the dates of the turns tell.
        """
        is_thing = any(identity.kind.declaration.role is KindRole.TURN for identity in self.identities)
        return is_thing and (bool(self._parts) or not self._names_owner)

    @property
    def is_owned_in_turn(self) -> bool:
        """Whether they name their present owner beside those that are parts: what hangs on them is not all that one's.

        Each row that refers to such a thing bears its number itself.
        """
        return self.is_had_in_turn and self._names_owner

    @property
    def _names_owner(self) -> bool:
        return any(identity.kind.is_strong for identity in self.identities)

    @property
    def record_kind(self) -> str:
        """The word for its rows in ``RecordRef.kind``."""
        return self.kind or self.name.rpartition(".")[2]

    @property
    def words(self) -> str:
        """The rows' kind of record for people, in the plural."""
        return self.title or self.record_kind

    @property
    def words_for_category(self) -> str:
        """The rows' category in the record of processing."""
        return self.category or self.words

    @property
    def alike(self) -> tuple[tuple[str, ...], ...]:
        """The fields that name people by one sort of strong identifier, where there are several, such as a sender."""
        by_sort: dict[tuple[IdentifierKind, str], dict[str, IdentityColumn]] = {}
        for identity in self.identities:
            if identity.kind.is_strong:
                by_sort.setdefault((identity.kind, identity.issuer), {})[identity.place] = identity
        together = {
            sort
            for sort, found in by_sort.items()
            if any(one.meets(other) for one, other in combinations(found.values(), 2))
        }
        of_parts = ((way[-1], identity) for way in self.every_part for identity in way[-1].identities)
        for part, identity in of_parts:
            if identity.kind.is_strong:
                sort = identity.kind, identity.issuer
                together |= {sort} & by_sort.keys()
                by_sort.setdefault(sort, {})[f"{identity.place} of {part.name}"] = identity
        return tuple(tuple(found) for sort, found in by_sort.items() if sort in together)

    @property
    def is_one_person(self) -> bool:
        """Whether its identities name one person. Sender and recipient are two unless the configuration says not."""
        return self.one_person and ("one_person" in self.model_fields_set or not self.alike)

    @property
    def is_profile(self) -> bool:
        """Whether a name in a row is that of the person it is about: not a caller's, and not a parcel's recipient's."""
        ids = {identity.column for identity in self.identities if identity.kind in _IDS and identity.is_plain}
        told = bool(self.language) or set(self.key) <= ids
        return self.is_one_person and not self.file and (told if self.profile is None else self.profile)

    @property
    def blanks(self) -> tuple[BlankedColumn, ...]:
        """The fields that blanking touches, each with the value it gets."""
        nulls = (BlankedColumn(**item.model_dump(), value=None) for item in self.to_null)
        return (*self.blank, *nulls)

    @property
    def blanked(self) -> dict[str, Scalar | None]:
        """Each column that blanking empties as a whole in every row, with the value it gets."""
        return {item.column: item.value for item in self.blanks if item.is_plain}

    @property
    def blanked_columns(self) -> frozenset[str]:
        """Every column in which blanking changes something."""
        return frozenset(item.column for item in self.blanks)

    def blank_value(self, field: FieldColumn, row: Mapping[str, Any]) -> Scalar | None:
        """The value that blanking gives a field of a row."""
        values = (item.value for item in self.blanks if item.is_in(row) and item.contains(field))
        value = next(values, None)
        if not isinstance(value, str) or KEY not in value:
            return value
        return value.replace(KEY, "-".join(str(row[item]) for item in self.key))

    @property
    def named_fields(self) -> tuple[FieldColumn, ...]:
        """Every field that a key of the section names."""
        written = (item for part in (self.rectify, self.fields) for of in part.values() for item in of)
        return (*self.identities, *self.blanks, *self.hide, *self.not_personal, *written)

    @property
    def fields_inside(self) -> frozenset[str]:
        """The columns that have a field inside them, and may have to be opened."""
        return frozenset(item.column for item in self.named_fields if item.path)

    @property
    def file_columns(self) -> frozenset[str]:
        """The columns that point at a file."""
        return frozenset({self.file.column, self.file.folder_column} if self.file else ()) - {""}

    @property
    def changeable(self) -> frozenset[str]:
        """The columns that a rectification or a blanking may write."""
        return frozenset(item.column for part in (self.rectify, self.fields) for of in part.values() for item in of)

    @property
    def marks(self) -> frozenset[str]:
        """The columns of our own mark, which is no data of the person."""
        return frozenset({self.restriction.column, self.restriction.case_column} if self.restriction else ()) - {""}

    @property
    def said(self) -> dict[str, str]:
        """How a person reads the columns' names: by their labels, and of a call which number is whose."""
        numbers = {identity.words: _NUMBERS[identity.direction] for identity in self.identities if identity.direction}
        return {**numbers, **self.labels}

    @property
    def _fixed(self) -> frozenset[str]:
        """The columns that say which row it is, what it hangs on, and what is done with it."""
        told = {
            *self.key,
            *self.where,
            *(reference.column for reference in self.references),
            self.group,
            self.occurred_at,
            self.version,
        }
        told |= {name for reference in self.references for name in reference.where} | self.marks
        told |= {name for item in self.named_fields for name in item.where}
        return frozenset(told | self.file_columns) - {""}

    @property
    def columns(self) -> frozenset[str]:
        """Every column that the configuration names."""
        named = {
            *self.key,
            *columns_of(self.named_fields),
            *self.where,
        }
        named |= {name for reference in self.references for name in (reference.column, *reference.where)}
        named |= {self.author, self.group, self.occurred_at, self.language, self.version}
        named |= self.marks | ({self.blob.column, self.blob.name_column} if self.blob else set())
        named |= set(self.preflight.open_when) if self.preflight else set()
        return frozenset(named | self.file_columns) - {""}

    @model_validator(mode="after")
    def _is_sound(self) -> TableSettings:
        require(self.erase == "delete" or bool(self.blanks), 'erase = "blank" needs the columns in blank or to_null')
        require(
            not self.marks & {*self.key, *self.blanked_columns},
            "restriction names a column that is a key or blanked; choose one of its own",
        )
        others = {
            *self.key,
            *self.blanked_columns,
            *self.marks,
            *self.where,
            *(identity.column for identity in self.identities),
        }
        require(self.version not in others, "version names a column that is used otherwise; name the one that counts")
        require(not set(self.key) & self.blanked_columns, "a key column cannot be blanked; choose another key")
        require(
            not self._fixed & self.changeable,
            "rectify or fields names a key, a where or a reference, or a column that says when, which file or which "
            "event a row is about; leave it to a person",
        )
        ids = [identity for identity in self.identities if identity.kind.is_id]
        require(
            not any(item.overlaps(one) for of in self.rectify.values() for item in of for one in ids),
            "rectify names a column of customer or account ids, by which a row is the person's; leave it to a person",
        )
        require(len(self.rectify.get(STATEMENT, ())) < _SEVERAL, "rectify gives statement several columns; name one")
        named = {identity.column for identity in self.identities if identity.is_plain}
        require(
            self.author in {"", *named, *(reference.column for reference in self.references)},
            "author has to be a column of identities or of references, or the author could not be told",
        )
        require(
            not self.blanks or all(any(item.covers(one) for item in self.blanks) for one in self.identities),
            "every identity column has to be blanked too, or the row would still name the person",
        )
        require(
            not (self.file and self.file.needs_day) or bool(self.occurred_at),
            "the days in file.folder and file.layout need the column occurred_at",
        )
        return self
