"""Records of a described system: their keys, whom they name, what they belong to, and their fresh read.

A record's key is its id in the system; where an id means nothing without the parent's, it is the ids from the topmost
one down, separated by slashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote, unquote

from connectors.faults import HttpFault
from connectors.registry import ControllerPlace
from connectors.rest.calls import Listing, Parent
from connectors.rest.client import UNREADABLE, RestApi, Row
from connectors.rest.description import Description
from connectors.rest.kinds import DescribedKind, Entries, Mask
from connectors.rest.paths import Path, entries_at, filled, value_at, values_at
from rightsflow.domain.chain_claims import of_one, standing_among
from rightsflow.domain.erasure.residue import ResidueTrail
from rightsflow.domain.errors import Permanent
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, strong
from rightsflow.domain.ownership import Standing
from rightsflow.domain.spellings.fields import readings
from rightsflow.domain.spellings.wordforms import is_own_line
from rightsflow.domain.vocabulary.records import RecordRef

_MOST_ABOVE: Final = 100
"""The largest number of records that one belongs to, directly and further up."""
TOO_MANY_ABOVE: Final = HttpFault(
    Permanent, f"has a record that belongs to more than {_MOST_ABOVE} others; a person has to look at it there"
)
_PLACEHOLDERS_ALONE: Final = re.compile(r"(\{\w+\}\s*)+")
NamePaths = Mapping[IdentifierKind, tuple[Path, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestRecord:
    """A record as the system gave it.

    Args:
        ref: Its key.
        kind: Its description.
        row: Its content.
        names: Every identifier by which it names the person it belongs to.
        above: The records that it belongs to.
        beside: What it names beside that and may be another person's, such as the second participant of a ticket; and
            then each number and name in it, too, that is not known to be the subject's.
    """

    ref: RecordRef
    kind: DescribedKind
    row: Row = field(repr=False)
    names: Identifiers = field(repr=False)
    above: tuple[RecordRef, ...] = ()
    beside: Identifiers = field(default=frozenset(), repr=False)

    @property
    def id(self) -> str:
        """Its id in the system."""
        return ids_of(self.ref)[-1]

    @property
    def is_trashed(self) -> bool:
        """True if it is only in the trash of its system."""
        trash = self.kind.read.trash if self.kind.read else None
        return trash is not None and trash.holds(self.row)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestEntry:
    """An entry of a record that several people may write.

    Args:
        id: Its id.
        row: Its content.
        names: Its author; empty for an employee.
        is_staff: Whether an employee wrote it.
    """

    id: str
    row: Row = field(repr=False)
    names: Identifiers = field(repr=False)
    is_staff: bool = False

    def is_of(self, known: Identifiers) -> bool:
        """Return whether the subject wrote it.

        Args:
            known: The subject's identifiers.
        """
        return bool(_finding(self.names) & known) and not (strong(self.names) and not strong(self.names) & known)

    def is_of_another(self, known: Identifiers) -> bool:
        """Return whether another person wrote it, or may have: one that names no one is not the subject's.

        Args:
            known: The subject's identifiers.
        """
        return not self.is_staff and not self.is_of(known)


def ids_of(ref: RecordRef) -> list[str]:
    """Return the ids in a record's key, from the topmost parent down."""
    return [unquote(part) for part in ref.ref.split("/")]


def _finding(names: Identifiers) -> Identifiers:
    return frozenset(item for item in names if item.finds)


@dataclass(frozen=True)
class RecordNaming:
    """Reads identifiers out of records.

    Args:
        system: The system's name in the configuration, which issues its account ids.
        place: In which country national numbers are read, and which lines are the controller's own.
    """

    system: str
    place: ControllerPlace

    def read(self, row: object, paths: NamePaths, blanks: Iterable[re.Pattern[str]] = ()) -> Identifiers:
        """Return every identifier at some paths.

        Args:
            row: The record.
            paths: Where they are, by kind.
            blanks: What a mask leaves in their place.
        """
        skipped = tuple(blanks)
        found: set[Identifier] = set()
        for kind, places in paths.items():
            for value in (value for path in places for value in values_at(row, path)):
                if not isinstance(value, Mapping | list | bool) and not _is_blank(str(value), skipped):
                    found |= self._parsed(kind, str(value))
        return frozenset(found)

    def _parsed(self, kind: IdentifierKind, text: str) -> Identifiers:
        issuer = self.system if kind is IdentifierKind.ACCOUNT_ID else ""
        found = readings(kind, text, countries=(self.place.country,), issuer=issuer)
        if kind is not IdentifierKind.PHONE:
            return found
        return frozenset(item for item in found if not is_own_line(item.value, self.place.own_lines))


def _is_blank(text: str, blanks: Iterable[re.Pattern[str]]) -> bool:
    return any(blank.fullmatch(text) for blank in blanks)


def blanks_of(mask: Mask | None) -> tuple[re.Pattern[str], ...]:
    """Return what a mask leaves in the place of texts; its placeholders stand for anything.

    Args:
        mask: The mask.
    """
    texts = (text for text in (mask.texts if mask else ()) if not _PLACEHOLDERS_ALONE.fullmatch(text))
    return tuple(re.compile(re.sub(r"\\\{\w+\\\}", ".*", re.escape(text))) for text in texts)


def holds_something(described: Entries, row: Row) -> bool:
    """Return whether an entry has a text that no mask left there, or a file.

    Args:
        described: The entries.
        row: The entry.
    """
    if not described.texts:
        return True
    blanks = blanks_of(described.mask)
    texts = (str(value) for path in described.texts for value in values_at(row, path))
    files = (value for file in described.files for value in entries_at(row, file.each or file.address))
    return any(not _is_blank(text, blanks) for text in texts) or any(files)


def named_now(record: RestRecord) -> Identifiers:
    """Return whom a record names now; it is read by its own id, which therefore says nothing of whose it is by now.

    Args:
        record: The record, freshly read.
    """
    return frozenset(
        item
        for item in record.names
        if not (item.kind is IdentifierKind.ACCOUNT_ID and record.kind.account and item.value == record.id)
    )


def _key(ref: RecordRef) -> str:
    return f"{ref.kind}/{ref.ref}"


class RestSession:
    """The records of a system during one operation.

    Args:
        api: The calls of the operation.
        description: The system's description.
        place: Where the controller is.
        known: The subject's identifiers.
    """

    def __init__(self, api: RestApi, description: Description, place: ControllerPlace, known: Identifiers) -> None:
        self.api, self.description, self.place, self.known = api, description, place, known
        self.system = api.http.system
        self.naming = RecordNaming(self.system, place)
        self._read: dict[RecordRef, RestRecord | None] = {}

    @cached_property
    def below(self) -> dict[str, list[tuple[str, Parent]]]:
        """The kinds whose records are listed below those of a kind, each with how."""
        found: dict[str, list[tuple[str, Parent]]] = {name: [] for name in self.description.kinds}
        for name, kind in self.description.kinds.items():
            for parent in kind.parents:
                if parent.list or parent.inside:
                    found[parent.kind].append((name, parent))
        return found

    # -- from rows to records --------------------------------------------------------------------------------------

    def record(self, name: str, row: Row, parent: RecordRef | None = None) -> RestRecord:
        """Return the record of a row.

        Args:
            name: Its kind.
            row: The row.
            parent: The record below which it was listed.

        Raises:
            Permanent: The row has no id.
        """
        kind = self.description.kinds[name]
        if (own := value_at(row, kind.id)) is None:
            raise self.api.failed(UNREADABLE)
        above = self._above(kind, row, parent)
        key = quote(str(own), safe="")
        if kind.is_scoped:
            if not above:
                raise self.api.failed(UNREADABLE)
            key = f"{above[0].ref}/{key}"
        names = frozenset[Identifier]()
        if kind.staff is None or not kind.staff.holds(row):
            names = self.naming.read(row, kind.names, blanks_of(kind.mask))
            names |= self._account(kind, str(own), names)
        # The addresses in a profile are one person's, those in a ticket may be several people's.
        is_profile = kind.profile or kind.account
        own = of_one(names, self.known)
        beside = frozenset[Identifier]() if is_profile or own == strong(names) else names - own - self.known
        ref = RecordRef(self.system, name, key)
        return RestRecord(ref=ref, kind=kind, row=row, names=names - beside, above=above, beside=beside)

    def _above(self, kind: DescribedKind, row: Row, via: RecordRef | None) -> tuple[RecordRef, ...]:
        found = [via] if via else []
        for parent in kind.parents:
            if parent.id and not self.description.kinds[parent.kind].is_scoped:
                ids = (quote(str(value), safe="") for value in values_at(row, parent.id))
                found += [RecordRef(self.system, parent.kind, own) for own in ids]
        return tuple(dict.fromkeys(found))

    def _account(self, kind: DescribedKind, own: str, names: Identifiers) -> Identifiers:
        """Return the account id that a profile's id is; not of an unnamed one, of which only a number is known."""
        account = Identifier(IdentifierKind.ACCOUNT_ID, own, self.system)
        is_told = kind.account and (strong(names) or account in self.known or not names)
        return frozenset({account}) if is_told else frozenset()

    def children(self, record: RestRecord, name: str, parent: Parent) -> Iterator[RestRecord]:
        """Yield the records of a kind below a record; a row that names another parent is dropped.

        Args:
            record: The record.
            name: The kind.
            parent: How they are listed.

        Raises:
            Permanent: None of the rows names a parent, so that the description is wrong.
        """
        rows: Iterable[Row] = entries_at(record.row, parent.inside) if parent.inside else ()
        if parent.list:
            rows = self.api.rows(parent.list, {"parent": record.id})
        kind, is_named = self.description.kinds[name], None
        for row in rows:
            if kind.read is None and value_at(row, kind.id) is None:
                # Of an optional field; if none has it, the description is wrong.
                is_named = is_named or False
                continue
            child = self.hit(name, row, parent.list, record.ref)
            if child is None:
                continue
            of = [str(value) for value in values_at(child.row, parent.id)] if parent.id else []
            is_named = is_named or not parent.id or bool(of)
            if parent.id and record.id not in of:
                self.api.dropped += 1
                continue
            yield child
        if is_named is False:
            raise self.api.failed(UNREADABLE)

    def hit(self, name: str, row: Row, listing: Listing | None, above: RecordRef | None = None) -> RestRecord | None:
        """Return the record of a row of a list, read where the row has its id alone; ``None`` if it is gone.

        Args:
            name: Its kind.
            row: The row.
            listing: The list.
            above: The record below which it was listed.

        Raises:
            Permanent: The row has no id.
        """
        if listing is None or not listing.reference:
            return self.record(name, row, above)
        if (own := value_at(row, listing.reference)) is None:
            raise self.api.failed(UNREADABLE)
        read = self.once(RecordRef(self.system, name, quote(str(own), safe="")))
        if read is None or above is None:
            return read
        return replace(read, above=tuple(dict.fromkeys((above, *read.above))))

    def entries(self, record: RestRecord) -> list[RestEntry]:
        """Return the entries of a record by several people, the fresh ones.

        Args:
            record: The record.
        """
        described = record.kind.entries
        if described is None:
            return []
        if described.list:
            return [self._entry(described, row) for row in self.api.rows(described.list, self.given(record.ref))]
        return [self._entry(described, row) for row in entries_at(record.row, described.inside)]

    def _entry(self, described: Entries, row: Row) -> RestEntry:
        is_staff = described.staff is not None and described.staff.holds(row)
        names = (
            frozenset[Identifier]() if is_staff else self.naming.read(row, described.names, blanks_of(described.mask))
        )
        return RestEntry(id=str(value_at(row, described.id)), row=row, names=names, is_staff=is_staff)

    # -- fresh reads -----------------------------------------------------------------------------------------------

    def given(self, ref: RecordRef) -> dict[str, Any]:
        """Return the placeholders of a record.

        Args:
            ref: Its key.
        """
        ids, read = ids_of(ref), self._read.get(ref)
        given = {name: value_at(read.row, path) for name, path in read.kind.given.items()} if read else {}
        return given | {"id": ids[-1]} | ({"parent": ids[-2]} if len(ids) > 1 else {})

    def read(self, ref: RecordRef) -> RestRecord | None:
        """Read a record afresh; ``None`` if the system has none.

        Args:
            ref: Its key.
        """
        kind = self.description.kinds[ref.kind]
        if kind.read is not None:
            row = self.api.find(kind.read, self.given(ref))
            record = None if row is None else self.record(ref.kind, row, self._scope(ref))
        else:
            record = self._read_below(ref)
        if record is not None and record.ref != ref:
            raise self.api.failed(UNREADABLE)
        self._read[ref] = record
        return record

    def _scope(self, ref: RecordRef) -> RecordRef | None:
        """Return the parent's key of a record whose key has it."""
        above, slash, _ = ref.ref.rpartition("/")
        parent = next(iter(self.description.kinds[ref.kind].parents), None)
        return RecordRef(self.system, parent.kind, above) if slash and parent else None

    def _read_below(self, ref: RecordRef) -> RestRecord | None:
        """Read a record through its parent, in which or below which it is."""
        scope = self._scope(ref)
        above = self.once(scope) if scope else None
        if above is None:
            return None
        parent = self.description.kinds[ref.kind].parents[0]
        return next((item for item in self.children(above, ref.kind, parent) if item.ref == ref), None)

    def once(self, ref: RecordRef) -> RestRecord | None:
        """Read a record unless this operation has.

        Args:
            ref: Its key.
        """
        return self._read[ref] if ref in self._read else self.read(ref)

    # -- whose it is -----------------------------------------------------------------------------------------------

    def standing(self, record: RestRecord) -> Standing:
        """Return whose a record is now, by itself and by all records that it belongs to.

        Args:
            record: The record, freshly read.
        """
        records = self.lineage(record)
        return standing_among(
            _key(record.ref),
            {_key(item.ref): named_now(item) for item in records},
            {_key(item.ref): [_key(ref) for ref in item.above] for item in records},
            self.known,
        )

    def lineage(self, record: RestRecord) -> list[RestRecord]:
        """Return a record and all records that it belongs to, directly and further up.

        Args:
            record: The record.

        Raises:
            Permanent: They are too many to be looked at.
        """
        found, waiting = {record.ref: record}, list(record.above)
        while waiting:
            ref = waiting.pop(0)
            if ref in found or (above := self.once(ref)) is None:
                continue
            if len(found) > _MOST_ABOVE:
                raise self.api.failed(TOO_MANY_ABOVE)
            found[ref] = above
            waiting += above.above
        return list(found.values())

    def trail(self, kind: DescribedKind) -> ResidueTrail:
        """Return what leads back to the subject in a record of a kind.

        Args:
            kind: The kind.
        """
        ids = (path for of, paths in kind.names.items() if of.is_id for path in paths)
        texts = (str(filled(text, {})) for text in (kind.mask.texts if kind.mask else ()))
        return ResidueTrail(
            known=self.known,
            country=self.place.country,
            id_fields=frozenset(path.rpartition(".")[2] for path in ids),
            structure=frozenset({kind.id}),
            blanks=frozenset(texts),
        )
