"""The section of each chosen table: its key, whose its rows are, what an erasure does, and why. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from connectors.sql.propose.facts import SEVERAL, ColumnFacts, ColumnType, Content, KeyValueFacts, TableFacts
from connectors.sql.propose.identities import MOSTLY, is_of_people
from connectors.sql.propose.links import TableLink, Why
from connectors.sql.propose.nouns import AUTHORS, TICKETS, document_of, leads_to_staff, table_nouns, table_words
from connectors.sql.propose.selection import Chosen, Selection
from connectors.sql.table_settings import KEY
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.spellings.field_names import PERSONAL, FieldSort, singular, word_set, words_of

_ERASED: Final = f"erased-{KEY}"
_ROOM_FOR_ERASED: Final = 20
_SHORTEST_FREE_TEXT: Final = 100
_NOT_IN_A_KIND: Final = re.compile(r"[^a-z0-9_-]+")
_LONGEST_KIND: Final = 40
_FEW_WORDS: Final = 12
_OFTEN: Final = 4
_MOMENTS: Final = ("created", "create", "ordered", "placed", "date", "start", "calldate", "time", "sent", "added")
_NO_PLACE: Final = frozenset({"kind", "form", "direction", "contact_points", "part"})
_CONTACTS: Final = (Content.EMAIL, Content.SURE_PHONE)
_NOT_THEN: Final = word_set("last updated modified end deleted expires completion completed due closed resolved")
_ONE_PERSONS: Final = word_set("alternate alternative second secondary other private work home billing contact")


@dataclass(kw_only=True)
class TableSection:
    """A table's section.

    Args:
        name: The table.
        keys: Its keys with their values, as in ``TableSettings``.
        notes: Comments, by the key that they are about; those of an identity or a reference by ``key.column``.
        doubts: What a person has to look at, a sentence each.
    """

    name: str
    keys: dict[str, object] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    def put(self, key: str, value: object, note: str = "") -> None:
        """Set a key.

        Args:
            key: The key.
            value: Its value; nothing is set where that is empty.
            note: Why, and how sure that is.
        """
        if value or value is False:
            self.keys[key] = value
            if note:
                self.notes[key] = note


def sections(selection: Selection) -> list[TableSection]:
    """Return the sections of the chosen tables, those first through which the others are found.

    Args:
        selection: The tables.
    """
    chosen = selection.chosen
    kept = _kept(chosen)
    kinds: set[str] = set()
    order = sorted(chosen, key=lambda name: (_depth(name, chosen), name))
    return [_section(chosen[name], chosen, kinds, blanks=name in kept) for name in order]


def _depth(name: str, chosen: Mapping[str, Chosen]) -> int:
    return max((1 + _depth(link.other, chosen) for link in chosen[name].references), default=0)


def _kept(chosen: Mapping[str, Chosen]) -> set[str]:
    """The tables whose rows stay, since rows refer to them that may be kept: vouchers, and other people's entries."""
    stays = [item for item in chosen.values() if document_of(item.name) or author_of(item, chosen)]
    kept, ahead = set[str](), [link.other for item in stays for link in item.references if link.why is Why.FOREIGN_KEY]
    while ahead:
        if (here := ahead.pop()) not in kept:
            kept.add(here)
            ahead += [link.other for link in chosen[here].references if link.why is Why.FOREIGN_KEY]
    return kept


def author_of(item: Chosen, chosen: Mapping[str, Chosen]) -> str:
    """Return the column with the author of a row that is found through another one (a note in a ticket); or nothing.

    Args:
        item: The table.
        chosen: All chosen tables.
    """
    above = [link for link in item.references if not chosen[link.other].is_of_people]
    texts = [column for column in item.facts.columns if column.sort in {FieldSort.FREE_TEXT, FieldSort.FILE}]
    if not above or not texts or document_of(item.name):
        return ""
    people = [link.column for link in item.references if chosen[link.other].is_of_people]
    senders = [identity.column for identity in item.identities if identity.kind is IdentifierKind.EMAIL]
    return next((name for name in (*people, *senders) if set(words_of(name)) & AUTHORS), "")


def _section(item: Chosen, chosen: Mapping[str, Chosen], kinds: set[str], *, blanks: bool) -> TableSection:
    table, section = item.facts, TableSection(name=item.name, doubts=list(item.doubts))
    section.put("name", item.name)
    _name(section, item, kinds, _prefixes(chosen))
    section.put("key", list(table.key), _of_key(table))
    _people(section, item, chosen)
    _references(section, item)
    _course(section, item, chosen)
    if blanks:
        _stay(section, item)
    elif section.keys.get("one_person") is False:
        note = "applies to rows that also name other people"
        _blank(section, item, {identity.column for identity in item.identities}, note)
    secrets = [column.name for column in table.columns if column.sort is FieldSort.SECRET]
    note = "by their names: passwords and keys of the program, which no answer shows"
    leading = {link.column for link in item.references} | item.aside.keys()
    section.put("hide", [name for name in secrets if name not in {*table.key, *leading}], note)
    _further(section, item)
    return section


def _prefixes(chosen: Collection[str]) -> set[str]:
    """The words with which the names of several tables begin, such as that of the program."""
    first = Counter(words[0] for name in chosen if (words := table_words(name)))
    return {word for word, count in first.items() if count >= SEVERAL}


def _title(plain: str, prefixes: set[str]) -> str:
    words = list(table_words(plain)) or [plain]
    last = words[-1]
    words[-1] = last if singular(last) != last or last.endswith("s") else f"{last}s"
    is_prefixed = len(words) > 1 and words[0] in prefixes and singular(words[0]) != singular(last)
    return " ".join(words[1:] if is_prefixed else words)


def _name(section: TableSection, item: Chosen, kinds: set[str], prefixes: set[str]) -> None:
    plain = item.name.rpartition(".")[2]
    slug = _NOT_IN_A_KIND.sub("_", plain.lower()).strip("_-")[:_LONGEST_KIND]
    kind = slug if slug[:1].isalpha() else f"t_{slug}"[:_LONGEST_KIND]
    while kind in kinds:
        kind = f"{kind[: _LONGEST_KIND - 2]}_2"
    kinds.add(kind)
    section.put("kind", kind if kind != plain else "")
    section.put("title", _title(plain, prefixes))


def _of_key(table: TableFacts) -> str:
    if table.key == table.primary:
        return ""
    if table.key in table.unique:
        return "no primary key; unique by an index"
    return f"guess: no key is declared; unique in the {table.rows} rows that were looked at"


def _people(section: TableSection, item: Chosen, chosen: Mapping[str, Chosen]) -> None:
    identities: list[dict[str, object]] = []
    for identity in item.identities:
        found: dict[str, object] = {"column": identity.column, "kind": str(identity.kind)}
        found |= {"form": identity.form} if identity.form else {}
        found |= {"direction": identity.direction} if identity.direction else {}
        found |= {"path": identity.path} if identity.path else {}
        found |= {"where": dict(identity.where)} if identity.where else {}
        identities.append(found)
        section.notes[note_key("identities", found)] = identity.reason
    section.put("identities", identities)
    emails = [identity for identity in item.identities if identity.kind is IdentifierKind.EMAIL]
    is_call = any(identity.direction for identity in item.identities)
    # A table with a row for each field is read with the rows whose fields these are.
    linked = [(other, link) for other in chosen.values() for link in other.references if link.other == item.name]
    parts = [other for other, link in linked if _is_part(other, link)]
    in_parts = any(identity.kind is IdentifierKind.EMAIL for other in parts for identity in other.identities)
    if is_call or len(emails) + in_parts > 1 or any(identity.is_listed for identity in emails):
        is_one = not is_call and (item.is_of_people or _is_one_persons(item))
        note = "guess: a table of people" if is_one else "guess: sender and recipient may be two people"
        section.put("one_person", is_one, note)
    if item.is_of_people and section.keys.get("one_person") is not False:
        section.put("profile", value=True, note="guess: each row is a person, so letters greet them by the name in it")


def _is_one_persons(item: Chosen) -> bool:
    emails = [identity.column for identity in item.identities if identity.kind is IdentifierKind.EMAIL]
    return len(emails) > 1 and any(set(words_of(name)) & _ONE_PERSONS for name in emails)


def note_key(key: str, item: Mapping[str, object]) -> str:
    """Return under which key the note about an identity or a reference is.

    Args:
        key: ``identities`` or ``references``.
        item: It itself, as in the section.
    """
    return f"{key} {sorted((name, str(value)) for name, value in item.items() if name not in _NO_PLACE)}"


def _references(section: TableSection, item: Chosen) -> None:
    references: list[dict[str, object]] = []
    for link in item.references:
        found: dict[str, object] = {"column": link.column, "table": link.other, "to": link.to}
        found |= {"where": dict(link.where)} if link.where else {}
        found |= {"contact_points": True} if link.is_turned and item.is_of_people else {}
        found |= {"part": True} if _is_part(item, link) else {}
        references.append(found)
        more = "; guess: these are the person's own addresses" if "contact_points" in found else ""
        section.notes[note_key("references", found)] = f"{link.reason}{more}"
    section.put("references", references)


def _is_part(item: Chosen, link: TableLink) -> bool:
    return any(identity.where for identity in item.identities) and not link.is_turned


def _course(section: TableSection, item: Chosen, chosen: Mapping[str, Chosen]) -> None:
    """Who wrote a row, when it occurred, and what a law says of it."""
    if author := author_of(item, chosen):
        section.put("author", author, "guess: by its name; what other people wrote is masked and not erased")
    moment = min(_moments(item.facts), default=None)
    if moment:
        section.put("occurred_at", moment[1], "guess: by its name and type")
    if document := document_of(item.name):
        section.put("document_class", document.value, "guess: by the table's name; it is kept as long as a law says")
    for column in item.facts.columns:
        if words_of(column.name) == ("lock", "version") and column.type is ColumnType.NUMBER:
            section.put("version", column.name, "likely: optimistic locking, by its name")
        is_tag = column.sort is FieldSort.LANGUAGE and column.share(Content.LANGUAGE) >= MOSTLY
        if is_tag and item.is_of_people and "language" not in section.keys:
            section.put("language", column.name, "likely: by its name and content")


def _moments(table: TableFacts) -> Iterator[tuple[int, str]]:
    for column in table.columns:
        words = words_of(column.name)
        is_moment = column.type in {ColumnType.MOMENT, ColumnType.DAY} and column.sort is not FieldSort.BIRTH_DATE
        ranks = [_MOMENTS.index(word) for word in words if word in _MOMENTS]
        if is_moment and ranks and not _NOT_THEN & {*words}:
            yield min(ranks), column.name


def _stay(section: TableSection, item: Chosen) -> None:
    """Blank a row on which vouchers or other people's entries hang."""
    wanted = {identity.column for identity in item.identities}
    wanted |= {column.name for column in item.facts.columns if _names_person(column, item.facts)}
    note = "rows refer to these that may be kept: vouchers, or other people's entries"
    if _blank(section, item, wanted, ""):
        section.put("erase", "blank", note)
    elif wanted:
        section.doubts.append(f"the row should be blanked, since {note}; give erase, blank and to_null")


def _blank(section: TableSection, item: Chosen, wanted: set[str], note: str) -> bool:
    """Set the columns that blanking touches; nothing is set where one that names a person cannot be blanked."""
    values = dict(_values(item, wanted))
    inside = [one for one in item.identities if one.path and one.column not in values]
    named = {*values, *(one.column for one in inside)}
    if not named or any(one.column not in named for one in item.identities):
        return False
    texts = {name: value for name, value in values.items() if value is not None}
    # Where the column has to hold JSON, what names the person inside it is emptied.
    fields = [{"column": name, "value": value} for name, value in texts.items()]
    fields += [{"column": one.column, "path": one.path, "value": ""} for one in inside]
    section.put("blank", fields if inside else texts, note)
    section.put("to_null", [name for name, value in values.items() if value is None])
    codes = [column.name for column in item.facts.columns if is_free_text(column) and is_code(column)]
    section.put("not_personal", [name for name in codes if name not in named], "guess: a few words that occur often")
    return True


def _names_person(column: ColumnFacts, table: TableFacts) -> bool:
    """Return True if a column may name the person, by its sort; in a table of people also if it is any free text."""
    if column.name in table.key or column.type not in {ColumnType.TEXT, ColumnType.JSON} or column.is_fixed:
        return False
    if column.sort in PERSONAL - {FieldSort.FREE_TEXT} | {FieldSort.SECRET}:
        return True
    may = column.sort is FieldSort.FREE_TEXT or (is_of_people(table) and is_free_text(column))
    return may and not is_code(column)


def is_free_text(column: ColumnFacts) -> bool:
    """Return True if a column has room for sentences.

    Args:
        column: The column.
    """
    if column.type is ColumnType.JSON:
        return True
    return column.type is ColumnType.TEXT and (column.length is None or column.length >= _SHORTEST_FREE_TEXT)


def is_code(column: ColumnFacts) -> bool:
    """Return True if a column holds few different words, such as a status.

    Args:
        column: The column.
    """
    return 0 < column.different <= _FEW_WORDS and column.filled >= _OFTEN * column.different


def _values(item: Chosen, wanted: set[str]) -> Iterator[tuple[str, str | None]]:
    """Yield what blanking gives each column that can be blanked."""
    leading = {link.column for link in item.references} | {*item.facts.key}
    for column in item.facts.columns:
        if column.name not in wanted or column.name in leading:
            continue
        is_once = any(column.name in names for names in item.facts.unique)
        if column.nullable:
            yield column.name, None
        elif column.type is ColumnType.TEXT and not is_once:
            yield column.name, ""
        elif column.type is ColumnType.TEXT and (column.length is None or column.length >= _ROOM_FOR_ERASED):
            yield column.name, _ERASED


def _further(section: TableSection, item: Chosen) -> None:
    """Name what a person has to decide, and what has no place in the section yet."""
    staff = [name for name, reason in item.aside.items() if leads_to_staff(name)]
    known = list(section.keys.get("not_personal", []))  # type: ignore[call-overload] # a list of ours
    if staff:
        note = "guess: they lead to the colleague who dealt with the row, by their names"
        section.put("not_personal", [*known, *(name for name in staff if name not in known)], note)
    section.doubts += [f"{name} {reason}" for name, reason in item.aside.items() if name not in staff]
    for column in item.facts.columns:
        section.doubts += _of_column(column, item)


def _of_column(column: ColumnFacts, item: Chosen) -> Iterator[str]:
    """What a person has to look at in a column, a sentence each."""
    if any(identity.column == column.name for identity in item.identities):
        return
    for seen, sentence in (
        (column.type is ColumnType.BINARY, "holds bytes; if these are files of the person, no answer gives them"),
        (column.count(Content.EMAIL_IN_TEXT), "is text with e-mail addresses in it; no one is found by these"),
        (column.count(Content.PHP), "contains serialised PHP values, which are not searched"),
        (_is_file(column), f'seems to point at files; give files, and here: file = {{ column = "{column.name}" }}'),
    ):
        if seen:
            yield f"{column.name} {sentence}"
    for pair in (pair for pair in item.facts.pairs if pair.value == column.name):
        yield from _of_pair(pair, column)


def _is_file(column: ColumnFacts) -> bool:
    is_named = column.sort is FieldSort.FILE and (not column.different or column.share(Content.FILE) >= MOSTLY)
    is_seen = column.different >= SEVERAL and column.share(Content.FILE) >= MOSTLY
    return column.type is ColumnType.TEXT and (is_named or is_seen)


def _of_pair(pair: KeyValueFacts, column: ColumnFacts) -> Iterator[str]:
    """What stands in a column whose meaning another column says, and is under no word that is known."""
    if seen := [content.value for content in _CONTACTS if column.count(content)]:
        yield f"{pair.value} holds what {pair.key} says; there are {' and '.join(seen)} in it"


def ticket_table(selection: Selection) -> dict[str, str]:
    """Return the key ``tickets`` of the system, if a table of tickets names the requester; empty otherwise.

    Args:
        selection: The tables.
    """
    for name in sorted(selection.chosen, key=len):
        item = selection.chosen[name]
        nouns = table_nouns(name)
        if nouns[-1:] and nouns[-1] in TICKETS and len(item.facts.key) == 1:
            base = {"table": name, "key": item.facts.key[0]}
            if own := _contacts(item):
                return base | own
            for link in item.references:
                if selection.chosen[link.other].is_of_people and (theirs := _contacts(selection.chosen[link.other])):
                    return base | {"requester": link.column} | theirs
    return {}


def _contacts(item: Chosen) -> dict[str, str]:
    kinds = (IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.CUSTOMER_ID)
    found = {kind.value: [one.column for one in item.identities if one.kind is kind] for kind in kinds}
    return {kind: columns[0] for kind, columns in found.items() if len(columns) == 1}
