"""The people whom a row names: the reading of a search's result, and of a telephone system's numbers.

A search goes in two steps. The database gives every row in which the last digits of the number occur in order, through
any blanks, dashes and brackets (``search``); Python then reads each stored text in full and compares whole numbers. So
no spelling is missed, and another person's longer number never matches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from connectors.sql.client import Row
from connectors.sql.column_settings import IdentityColumn
from connectors.sql.formats import Unreadable, text_of
from connectors.sql.people_inside import NamedInObjects, Place
from connectors.sql.table_settings import TableSettings
from connectors.sql.text import readable
from rightsflow.domain.birth_dates import read_birth_date
from rightsflow.domain.chain_claims import of_one
from rightsflow.domain.identifier_kinds import KindRole
from rightsflow.domain.identifiers import (
    Identifier,
    IdentifierKind,
    Identifiers,
    of_kind,
    parse_leniently,
    strong,
)
from rightsflow.domain.names import Likeness, closest, is_full
from rightsflow.domain.spellings.fields import (
    FieldReading,
    callers_in,
    in_brackets,
    name_before_brackets,
    phone_tail,
    separate_readings,
)
from rightsflow.domain.spellings.wordforms import is_own_line

Form = Literal["plain", "caller_id", "embedded"]
_SEVERAL = 2
_REMEMBERED = 512
"""The number of texts, and of rows of texts, that a reader remembers; the memory lasts for one search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneReader:
    """Reads stored numbers.

    Args:
        country: ISO 3166-1 alpha-2 code of the controller, in which national spellings are read by default.
        own_numbers: The controller's own lines in E.164; a trailing ``*`` means a block.
        extension_digits: Numbers with at most so many digits are extensions.
    """

    country: str
    own_numbers: tuple[str, ...] = ()
    extension_digits: int = 5

    def read(
        self, text: str, *, form: Form = "plain", countries: Iterable[str] = (), bare: bool = True
    ) -> tuple[FieldReading, ...]:
        """The numbers in a text, each with what it can be read as; those that name no person outside are left out.

        Args:
            text: As it is stored.
            form: The form of the numbers in the text.
            countries: The countries whose national spelling to try; by default the controller's.
            bare: Whether a country code may be written without ``+`` or ``00``.
        """
        found = (
            separate_reading
            for raw in (in_brackets(text) if form == "caller_id" else [text])
            for separate_reading in separate_readings(
                IdentifierKind.PHONE,
                raw,
                countries=tuple(countries) or (self.country,),
                bare=bare,
                extension_digits=self.extension_digits,
                embedded=form == "embedded",
            )
        )
        named = (FieldReading(bracket.text, frozenset(filter(self.is_somebodys, bracket.may_be))) for bracket in found)
        return tuple(field_reading for field_reading in named if field_reading.may_be)

    def is_somebodys(self, number: Identifier) -> bool:
        """Return True if the number can name a person outside: it is not one of the controller's own lines."""
        return not is_own_line(number.value, self.own_numbers)

    def is_own(self, text: str) -> bool:
        """Return True if a text holds only the controller's own lines, whatever their spelling."""
        found = separate_readings(IdentifierKind.PHONE, text, countries=(self.country,))
        return bool(found) and not any(
            map(self.is_somebodys, frozenset().union(*(separate_reading.may_be for separate_reading in found)))
        )

    def tails(self, known: Identifiers) -> list[str]:
        """The last digits of each number to search for, which every spelling of it has."""
        return sorted({phone_tail(number) for number in self.searched(known)})

    def searched(self, known: Identifiers) -> list[str]:
        """The subject's numbers in E.164 that are worth a search: not the controller's own."""
        numbers = of_kind(known, IdentifierKind.PHONE)
        return [number for number in numbers if self.is_somebodys(Identifier(IdentifierKind.PHONE, number))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One thing in an identity field of a row; a column that holds two numbers is two mentions.

    Args:
        column: The field.
        text: What is stored there; personal data.
        part: What of it this mention is; the whole text where nothing in it can be read.
        read: Every identifier that the part can be read as. Of a phone number there may be several readings.
        entry: Of a list of callers or addresses, the entry that it stands in.
        is_own: Whether it stands in the row itself, not in a part of it, and is not the row's own number.
        in_part: Whether it stands in a part of the row.
    """

    column: IdentityColumn
    text: str
    part: str
    read: Identifiers
    entry: str = ""
    is_own: bool = True
    in_part: bool = False

    @property
    def called(self) -> str:
        """The name that stands before it, where its column holds such."""
        return name_before_brackets(self.entry) if self.column.form == "caller_id" else ""

    def is_named(self, names: Collection[str]) -> bool:
        """Return True if it is a name that agrees with one of a person's."""
        return self.column.kind is IdentifierKind.NAME and closest([self.text], names) is Likeness.SAME

    @property
    def born_on(self) -> str:
        """The date of birth that stands there; empty of other columns, and where it may be two days."""
        of = self.column
        return read_birth_date(self.text, of.date_order) if of.kind is IdentifierKind.BIRTH_DATE else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The people whom a row names.

    Args:
        mentions: What stands in its identity columns.
        one_person: Whether they all name the same person.
        beside: Of a part of a row that may name several people, whom that row names.
    """

    mentions: tuple[Mention, ...]
    one_person: bool
    beside: Named | None = None
    _matching: dict[Identifiers, Identifiers] = field(default_factory=dict, init=False, repr=False, compare=False)
    _owners: dict[Identifiers, Identifiers] = field(default_factory=dict, init=False, repr=False, compare=False)
    _others: dict[Identifiers, tuple[Mention, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def matching(self, known: Identifiers) -> Identifiers:
        """The known identifiers that stand in the row."""
        if known not in self._matching:
            found = frozenset(identifier for mention in self.mentions for identifier in mention.read & known)
            self._matching[known] = found
        return self._matching[known]

    def strong(self) -> Identifiers:
        """The identifiers in the row that name one person."""
        return frozenset(identifier for mention in self.mentions for identifier in strong(mention.read))

    def owner(self, known: Identifiers) -> Identifiers:
        """Return the identifiers of the row's owner: strong identifiers, and the numbers that are theirs.

        Where it may name several people, only the numbers that match are, or the only number, if none does; and no
        second address or customer number beside a known one. A name is theirs where the whole row is, or where it
        stands with what matches, and so is a date of birth where the whole row is: they find no one, but may show that
        the row is another person's.
        """
        if known not in self._owners:
            self._owners[known] = self._owner(known)
        return self._owners[known]

    def _owner(self, known: Identifiers) -> Identifiers:
        matching = self.matching(known)
        strong_ones = self.strong() if self.one_person else of_one(self._strong_beside(known), known)
        if self.is_anothers(known):
            strong_ones, matching = self.strong() - known, matching - self.strong()
        certain = [mention.read for mention in self._numbers() if len(mention.read) == 1]
        is_only = len(set(certain)) == 1 and not any(number.read & known for number in self._numbers())
        # Where another person is named beside the subject, it may be that one's.
        if self.one_person or (is_only and self.strong() == strong_ones and not self.other_names(known)):
            matching = matching.union(*certain)
        if self.one_person:
            matching = matching.union(*(mention.read for mention in self._weak() if mention.column.kind.is_id))
        return strong_ones | matching | self._name(known) | self._born_on()

    def _strong_beside(self, known: Identifiers) -> Identifiers:
        """The strong identifiers without those of the person who owns what is around the subject's object."""
        objects = self.in_objects(known)
        if not objects.own or not objects.owners:
            return self.strong()
        return frozenset(
            each for item in self.mentions if not objects.keeps(item.column) for each in strong(item.read)
        ) | (self.strong() & known)

    def _name(self, known: Identifiers) -> Identifiers:
        """The names of the person; empty where none is said to be theirs.

        Parts of one may stand in several columns. Two whole names are never put together, since they may be two
        people's who share an address: then each is told, and they contradict each other.
        """
        called = [mention.called for mention in self.mentions if self.one_person or mention.read & known]
        columns = [
            mention.text for mention in self.mentions if self.one_person and mention.column.kind is IdentifierKind.NAME
        ]
        whole = [column for column in columns if is_full(column)]
        parts = [" ".join(dict.fromkeys(" ".join(columns).split()))] if len(whole) < _SEVERAL else whole
        names = (parse_leniently(IdentifierKind.NAME, part) for part in dict.fromkeys([*parts, *called]))
        return frozenset(name for name in names if name)

    def _born_on(self) -> Identifiers:
        days = (day for mention in self.mentions if self.one_person and (day := mention.born_on))
        return frozenset(Identifier(IdentifierKind.BIRTH_DATE, day) for day in days)

    def others(self, known: Identifiers) -> tuple[Mention, ...]:
        """The mentions of another person.

        A strong identifier is another person's if no known one stands in the row, or if the row may name several
        people and one of the same sort is known; a number is if the row may name several people and it does not match,
        or if the row is another person's as a whole.
        """
        if known not in self._others:
            self._others[known] = self._of_others(known)
        return self._others[known]

    def _of_others(self, known: Identifiers) -> tuple[Mention, ...]:
        named = self.strong()
        foreign = bool(named) and not named & known
        if self.one_person:
            return tuple(mention for mention in self.mentions if foreign and not mention.read & known)
        mine = frozenset() if foreign else of_one(named, known)
        numbers = (mention for mention in self._weak() if not mention.read & known)
        return (*numbers, *(mention for mention in self.mentions if strong(mention.read) - mine))

    def is_anothers(self, known: Identifiers) -> bool:
        """Return True if a row names only another person by itself, and the subject in its parts alone."""
        own = frozenset(each for mention in self.mentions if mention.is_own for each in strong(mention.read))
        return not self.one_person and bool(own) and own.isdisjoint(known)

    def is_untold(self, known: Identifiers) -> bool:
        """Return True if a row names no one by itself, and its parts, or what it is a part of, name other people too.

        Whom of them the rest of it is about, no one can tell.
        """
        wholes = [each for each in (self if self.mentions else None, self.beside) if each]
        return self.is_mute and any(whole.others(known) or whole.other_names(known) for whole in wholes)

    @property
    def is_mute(self) -> bool:
        """True if the row names no one by itself, apart from its parts."""
        return all(mention.in_part for mention in self.mentions)

    def other_names(self, known: Identifiers) -> list[Mention]:
        """The mentions of another name than the subject's, in a row that may name several people."""
        names = of_kind(known, IdentifierKind.NAME)
        told = (mention for mention in self.mentions if mention.column.kind is IdentifierKind.NAME)
        return [each for each in told if not self.one_person and closest([each.text], names).contradicts]

    def in_objects(self, known: Identifiers) -> NamedInObjects:
        """The people who stand in objects inside columns, such as a recipient or each participant of a meeting."""
        others = {*map(id, (*self.others(known), *self.other_names(known)))}
        names = of_kind(known, IdentifierKind.NAME)
        here = [mention for mention in self.mentions if not mention.in_part]
        theirs = [mention for mention in here if id(mention) in others]
        return NamedInObjects(
            own=_places(each for each in here if each.read & known or each.is_named(names)),
            others=_places(theirs),
            owners=_places(mention for mention in theirs if not mention.column.kind.is_weak),
        )

    def of_thing(self) -> Identifiers:
        """The identifiers in the row that people have in turn, by dates, such as a device's."""
        read = (item for mention in self.mentions if len(mention.read) == 1 for item in mention.read)
        return frozenset(item for item in read if item.kind.declaration.role is KindRole.TURN)

    def direction(self, known: Identifiers) -> str:
        """Return the direction of a call, in or out, by the column of the subject's number; or empty."""
        found = (
            mention.column.direction for mention in self.mentions if mention.read & known and mention.column.direction
        )
        return next(found, "")

    def _weak(self) -> list[Mention]:
        return [mention for mention in self.mentions if mention.column.kind.is_weak and mention.read]

    def _numbers(self) -> list[Mention]:
        return [mention for mention in self.mentions if mention.column.kind is IdentifierKind.PHONE and mention.read]


def _places(mentions: Iterable[Mention]) -> tuple[Place, ...]:
    return tuple((mention.column, mention.text) for mention in mentions)


_Part = tuple[str, FieldReading]
"""A value in a column, with the entry of a list that holds the value."""


class WholeRow(dict[str, Any]):
    """A row with the rows of other tables that are parts of it, by their table's name, and with what it is part of."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        super().__init__(row)
        self.parts: dict[str, list[Row]] = {}
        self.beside: Named | None = None
        """Whom the row names that this one is a part of, where these may be several people."""
        self.of_thing: Identifiers = frozenset()
        """What the row bears that people have in turn, where this one is a part of it, such as an owner of a device."""


class PersonReader:
    """Reads persons in the rows of one table.

    Args:
        settings: The table's section.
        phones: Reads phone numbers.
        system: The system's name, which issued the account ids of columns that name no other issuer.
    """

    def __init__(self, settings: TableSettings, phones: PhoneReader, system: str) -> None:
        self._settings = settings
        self._phones = phones
        self._system = system
        self._before: dict[tuple[object, ...], tuple[_Part, ...]] = {}
        self._rows_before: dict[tuple[tuple[str, ...], ...], Named] = {}
        ways = [(), *settings.every_part]
        self._fields = [(each, way) for way in ways for each in (way[-1] if way else settings).identities]

    def read(self, row: Row) -> Named:
        """Read the identity fields of a row and of its parts; those with the same texts, such as answers, once.

        What blanking writes there names no one, so that a row from which a person was erased is not another one's, and
        neither does what stands for a value that is not known.
        """
        texts = tuple(tuple(self._texts(identity, way, row)) for identity, way in self._fields)
        if texts not in self._rows_before:
            if len(self._rows_before) >= _REMEMBERED:
                self._rows_before.clear()
            self._rows_before[texts] = self._read_texts(texts)
        named, beside = self._rows_before[texts], row.beside if isinstance(row, WholeRow) else None
        return Named(mentions=named.mentions, one_person=False, beside=beside) if beside else named

    def _texts(self, identity: IdentityColumn, way: Sequence[TableSettings], row: Row) -> Iterator[str]:
        """The texts of a field of a row, or of its parts in another table, to which some tables lead."""
        of, found = way[-1] if way else self._settings, [row]
        for table in way:
            found = [part for each in found for part in _parts(each, table)]
        for each in found:
            placeholder = of.blank_value(identity, each)
            for value in _read_values(identity, each):
                text = _stored_text(value)
                nothing = {*identity.unknown, *([] if placeholder is None else [str(placeholder).strip()])}
                if text and text.strip() not in nothing:
                    yield text

    def _read_texts(self, texts: tuple[tuple[str, ...], ...]) -> Named:
        mentions = tuple(
            Mention(
                column=identity,
                text=text,
                part=part.text,
                read=part.may_be,
                entry=entry,
                is_own=not way and identity.column not in self._settings.key,
                in_part=bool(way),
            )
            for (identity, way), those in zip(self._fields, texts, strict=True)
            for text in those
            for entry, part in self._read(identity, text)
        )
        return Named(mentions=mentions, one_person=self._settings.is_one_person and not self._lists_several(mentions))

    def _lists_several(self, mentions: Iterable[Mention]) -> bool:
        """Return True if a column holds several addresses or ids that no one has declared to be one person's."""
        if "one_person" in self._settings.model_fields_set:
            return False
        by_column: dict[str, Identifiers] = {}
        for mention in mentions:
            by_column[mention.column.place] = by_column.get(mention.column.place, frozenset()) | strong(mention.read)
        return any(len(several) > 1 for several in by_column.values())

    def reads(self, column: IdentityColumn, text: str) -> bool:
        """Return True if a text of a column can be read as naming a person."""
        return any(part.may_be for _, part in self._read(column, text))

    def _read(self, identity_column: IdentityColumn, text: str) -> tuple[_Part, ...]:
        """The same as :meth:`_read_anew`, once for a text: a person's rows name them again and again."""
        key = (
            identity_column.unknown,
            identity_column.kind,
            identity_column.form,
            identity_column.countries,
            identity_column.bare,
            identity_column.issuer,
            text,
        )
        if key not in self._before:
            if len(self._before) >= _REMEMBERED:
                self._before.clear()
            self._before[key] = self._read_anew(identity_column, text)
        return self._before[key]

    def _read_anew(self, identity_column: IdentityColumn, text: str) -> tuple[_Part, ...]:
        """Read a column's values, each with its entry; return the whole text where nothing in it can be read."""
        entries = callers_in(text) if identity_column.form == "caller_id" else [text]
        found = tuple((entry, part) for entry in entries for part in self._read_entry(identity_column, entry))
        return found or ((text, FieldReading(text, frozenset())),)

    def _read_entry(self, identity_column: IdentityColumn, entry: str) -> tuple[FieldReading, ...]:
        if not identity_column.kind.finds or entry.strip() in identity_column.no_one:
            return ()
        if identity_column.kind is IdentifierKind.PHONE:
            return self._phones.read(
                entry, form=identity_column.form, countries=identity_column.countries, bare=identity_column.bare
            )
        texts = in_brackets(entry) if identity_column.form == "caller_id" else [entry]
        issuer = identity_column.issuer or self._system
        return tuple(part for raw in texts for part in separate_readings(identity_column.kind, raw, issuer=issuer))


def _parts(row: Row, of: TableSettings) -> Sequence[Row]:
    """The rows of a table that are parts of a row."""
    assert isinstance(row, WholeRow), "who reads a row reads its parts with it"  # noqa: S101
    return row.parts.get(of.name, ())


def _read_values(identity: IdentityColumn, row: Row) -> Sequence[object]:
    try:
        return identity.values(row)
    except Unreadable:
        # A person who is named in a damaged text is named, wherever in it that is.
        return [row[identity.column]]


def masks(named: Named, known: Identifiers) -> frozenset[str]:
    """The texts by which other people stand in a row: as stored, as read, and names; empty where no one else does."""
    if named.beside:
        # A field of a record is read with the record: it may have the other person's name alone.
        return masks(named.beside, known)
    others = named.others(known)
    if not others:
        return frozenset()
    texts = {mention.part.strip() for mention in others}
    texts |= {item.value for mention in others for item in mention.read}
    # What is read in digits of another script stands so only in the whole.
    texts |= {mention.text.strip() for mention in others if mention.part not in mention.text}
    for mention in (other for other in others if other.column.form == "caller_id"):
        texts |= {mention.called, *(part.strip() for part in in_brackets(mention.entry))}
    # Whose the name in a row of several people is, cannot be told: it is masked unless it is the subject's.
    own = {name.casefold() for name in of_kind(known, IdentifierKind.NAME)}
    names = {item.text.strip() for item in named.mentions if item.column.kind is IdentifierKind.NAME}
    born = {item.text.strip() for item in named.mentions if item.born_on and not _is_of(item, known)}
    texts -= {item.text.strip() for item in named.mentions if item.column.kind is IdentifierKind.BIRTH_DATE}
    return frozenset((texts | born | {name for name in names if name.casefold() not in own}) - {""})


def _is_of(born: Mention, known: Identifiers) -> bool:
    return born.born_on in of_kind(known, IdentifierKind.BIRTH_DATE)


def _stored_text(value: object) -> str:
    """Return a column's value as text; some systems store text in columns of bytes."""
    if isinstance(value, bytes | memoryview):
        return readable(text_of(bytes(value)))
    return "" if value is None else str(value)
