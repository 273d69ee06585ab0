"""Residue after an erasure: remaining data that lead back to the person, and records that a restore brings back. Pure.

A record is ``absent`` or ``redacted`` only where a fresh read shows no identifier, no name and no key by which the
person can be found again: a card that is detached from its customer still shows the fingerprint that every payment
with it bears. What leads back is a residue, and its fields are named.

A first name alone proves nothing, since many people have it. A full name does (also with its parts in several fields of
one record, or after a form of address), and so do an e-mail address, a phone number and a customer number. Texts are
read as their readers see them: JSON within a text, HTML entities, percent signs of an address, bytes, and keys of JSON.

A record that a back-up brings back is erased again only where it is known to be the same (Art. 5(2), 17(1) GDPR); one
that may be new stays until a person has reviewed it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.spellings.phones import number_like, numbers_in
from rightsflow.domain.spellings.wordforms import NameForms, compose, fold, name_forms, phone_pattern
from rightsflow.domain.vocabulary.records import Presence, PresenceState, RecordRef, Restored

_MOST_NAMED: Final = 6
"""Largest number of fields that a sentence names."""
_SHORTEST_NUMBER: Final = 5
"""Shorter numbers stand for something else too often."""
_LONGEST_PART: Final = 60
_CUSTOMER: Final = r"(?:customer|client|cust|kunden?|klant|member|mitglieds?|subscriber|abonnent|debitor)"
"""Names of fields that hold a customer number, and words before one."""
_OF_CUSTOMER: Final = re.compile(_CUSTOMER)
_CODED: Final = re.compile(r"&#?\w+;|%[0-9a-f]{2}", re.IGNORECASE)
_PERCENT: Final = re.compile(r"(?:%[0-9a-f]{2})+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class ResidueTrail:
    """The identifiers and fields that lead back to the person.

    Args:
        known: The person's identifiers and names.
        country: ISO 3166-1 alpha-2 code that national phone numbers are read in; empty for international ones only.
        id_fields: The fields (last parts of their paths) that hold ids of persons by the system's or the
            configuration's word. A bare number counts there alone: elsewhere it may be an order's.
        linking: Groups of fields that lead back by themselves, whatever they hold, where all of a group are filled:
            they are the same in every other record of the person, such as brand, expiry and last digits of a card.
        structure: Fields that are passed over with all that is below them, such as the record's own key.
        blanks: Texts that the system leaves in place of what it removed.
    """

    known: Identifiers
    country: str = ""
    id_fields: frozenset[str] = frozenset()
    linking: tuple[tuple[str, ...], ...] = ()
    structure: frozenset[str] = frozenset()
    blanks: frozenset[str] = frozenset()

    @cached_property
    def _names(self) -> tuple[NameForms, ...]:
        # One word alone is many people's name; as a whole value it still counts, see `_is_value`.
        full = (item.value for item in self.known if item.kind is IdentifierKind.NAME and " " in item.value)
        return tuple(forms for name in sorted(full) if (forms := name_forms(name)))

    @cached_property
    def _words(self) -> tuple[str, ...]:
        return tuple(sorted(fold(item.value) for item in self.known if _is_word(item)))

    @cached_property
    def _phones(self) -> frozenset[str]:
        return frozenset(item.value for item in self.known if item.kind is IdentifierKind.PHONE)

    @cached_property
    def _values(self) -> frozenset[str]:
        ids = (item.value for item in self.known if item.kind.is_id)
        return frozenset(map(fold, ids))

    @cached_property
    def _numbers(self) -> dict[str, re.Pattern[str]]:
        """Customer numbers that are bare numbers, each with how it stands in a text."""
        bare = (
            item.value
            for item in self.known
            if item.kind is IdentifierKind.CUSTOMER_ID and len(item.value) >= _SHORTEST_NUMBER and not _is_word(item)
        )
        called = _CUSTOMER + r"[\W_]{0,3}(?:number|nummer|num|no|nr|id)?[\W_]{0,5}"
        return {fold(value): re.compile(rf"{called}{re.escape(fold(value))}(?!\w)") for value in bare}

    @cached_property
    def _parts(self) -> tuple[tuple[NameForms, ...], ...]:
        """The words of each full name, first and last, each as it may stand by itself in a field."""
        full = (item.value.split() for item in self.known if item.kind is IdentifierKind.NAME and " " in item.value)
        parts = (tuple(forms for word in (words[0], words[-1]) if (forms := name_forms(word))) for words in full)
        return tuple(part for part in parts if len(part) > 1)

    @cached_property
    def _short_names(self) -> frozenset[str]:
        return frozenset(fold(item.value) for item in self.known if item.kind is IdentifierKind.NAME)

    def stands_in(self, text: str, field: str = "") -> bool:
        """Return whether a text leads back.

        Args:
            text: What stands in a field.
            field: The field's own name, which says whether ids of persons stand there.
        """
        return any(self._is_found(form, field) for form in _as_read(text))

    def parts_in(self, record: Mapping[object, object]) -> Iterator[object]:
        """Find the fields of one record that together hold a full name, each a part of it.

        Args:
            record: Its fields.
        """
        short = {
            key: _folded(value)
            for key, value in record.items()
            if isinstance(value, str) and len(value) < _LONGEST_PART
        }
        for parts in self._parts:
            held = [{key for key, text in short.items() if part.pattern.fullmatch(text)} for part in parts]
            if all(held):
                yield from (key for key in record if any(key in keys for keys in held))

    def _is_found(self, text: str, field: str) -> bool:
        folded = _folded(text)
        if folded in self._short_names or (field in self.id_fields and folded in self._values):
            return True
        return self._is_numbered(folded, fold(field)) or self._is_worded(folded) or self._is_dialled(text)

    def _is_numbered(self, folded: str, field: str) -> bool:
        if folded in self._numbers and _OF_CUSTOMER.search(field):
            return True
        return any(pattern.search(folded) for number, pattern in self._numbers.items() if number in folded)

    def _is_worded(self, folded: str) -> bool:
        if any(_stands_alone(word, folded) for word in self._words):
            return True
        return any(name.literal in folded and name.pattern.search(folded) for name in self._names)

    def _is_dialled(self, text: str) -> bool:
        if not self._phones:
            return False
        for run in number_like(text):
            if any(phone_pattern(phone).search(run.string, run.start(), run.end()) for phone in self._phones):
                return True
            if any(number in self._phones for _, _, number in numbers_in(run, self.country)):
                return True
        return False


def fields_left(tree: object, trail: ResidueTrail, path: str = "") -> tuple[str, ...]:
    """Return the fields that lead back to the person, as paths without values; empty if none does.

    Args:
        tree: What a fresh read gave: JSON, or a row of a table as a mapping.
        trail: What leads back.
        path: Where the tree stands; empty for a whole record.
    """
    return tuple(dict.fromkeys(_left(tree, trail, path)))


def left(
    record: RecordRef,
    fields: Sequence[str],
    words: Mapping[str, str] | None = None,
    *,
    may_go: bool = False,
    remains: bool = False,
) -> Presence:
    """Return the answer of a fresh read, from the fields that lead back to the person.

    Args:
        record: The record.
        fields: From :func:`fields_left`, or what else can be read of the person.
        words: Plain words for fields, for the answer to the person.
        may_go: Whether the system lets the fields be removed, so that the record is to be erased once more.
        remains: Whether a record is still there under that reference.
    """
    if not fields:
        return Presence(record=record, state=PresenceState.ABSENT, remains=remains)
    state = PresenceState.PRESENT if may_go else PresenceState.RESIDUE
    return Presence(record=record, state=state, detail=in_words(fields, words), fields=tuple(fields))


def in_words(fields: Collection[str], words: Mapping[str, str] | None = None) -> str:
    """Name the data that can still be read, in one sentence for the answer to the person.

    Args:
        fields: The fields.
        words: Plain words for some of them; the others are named as the system names them.
    """
    known = words or {}
    named = list(
        dict.fromkeys(known.get(field) or known.get(_last(field)) or _last(field).replace("_", " ") for field in fields)
    )
    more = [f"{len(named) - _MOST_NAMED} more"] if len(named) > _MOST_NAMED else []
    shown = [*named[:_MOST_NAMED], *more]
    listed = " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
    return f"The system keeps a part that leads back to you: {listed}."


def _left(value: object, trail: ResidueTrail, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _in_fields(value, trail, path)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from _left(inner, trail, path)
    elif isinstance(value, bytes | memoryview):
        yield from _left(_text_of(bytes(value)), trail, path)
    elif _is_filled(value, trail):
        if trail.stands_in(str(value), _last(path)):
            yield path
        elif isinstance(value, str) and isinstance(inner := _json_in(value), Mapping | list):
            yield from _left(inner, trail, path)


def _in_fields(value: Mapping[object, object], trail: ResidueTrail, path: str) -> Iterator[str]:
    yield from _linked(value, trail, path)
    yield from (_below(path, key) for key in trail.parts_in(value) if str(key) not in trail.structure)
    for key, inner in value.items():
        if path and trail.stands_in(str(key)):
            # A key that is personal data is named in no path.
            yield path
            yield from _left(inner, trail, path)
        elif str(key) not in trail.structure:
            yield from _left(inner, trail, _below(path, key))


def _linked(value: Mapping[object, object], trail: ResidueTrail, path: str) -> Iterator[str]:
    for group in trail.linking:
        if all(_is_filled(value.get(name), trail) for name in group):
            yield from (_below(path, name) for name in group)


def _is_filled(value: object, trail: ResidueTrail) -> bool:
    if value is None or isinstance(value, bool):
        return False
    text = str(value).strip()
    return bool(text) and text not in trail.blanks


def _is_word(identifier: Identifier) -> bool:
    """Return whether an identifier can be searched for as a word; numbers have many spellings and their own search."""
    return identifier.is_unmistakable and identifier.kind is not IdentifierKind.PHONE


def _stands_alone(word: str, folded: str) -> bool:
    """Return whether a text has a word on its own, not within a longer one such as another person's address."""
    if word not in folded:
        return False
    before, after = (r"(?<![^\W_])", r"(?![^\W_])") if "@" not in word else (r"(?<![\w.+%-])", r"(?![\w-]|\.\w)")
    return re.search(before + re.escape(word) + after, folded) is not None


def _as_read(text: str) -> Iterator[str]:
    """Return a text, and the same with its coded characters decoded."""
    yield text
    if _CODED.search(text):
        yield _PERCENT.sub(
            lambda coded: bytes.fromhex(coded[0].replace("%", "")).decode(errors="replace"), html.unescape(text)
        )


def _folded(text: str) -> str:
    return fold(compose(text)).strip()


def _json_in(text: str) -> object:
    """Return the content of a JSON text; ``None`` for any other text."""
    if text.lstrip()[:1] in {"{", "["}:
        with suppress(ValueError, RecursionError):
            return json.loads(text)
    return None


def _text_of(stored: bytes) -> str:
    """Return the text in a column of bytes; empty for pictures, sound and the like."""
    if b"\0" in stored:
        return ""
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return stored.decode("cp1252", "replace")


def _below(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _last(path: str) -> str:
    return path.rpartition(".")[2]


_UNDER_A_SECOND = timedelta(seconds=1)
"""Stores tell whole seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Restored records, sorted by what happens to them.

    Args:
        back: What is erased again once a person has approved it; of each record one.
        doubtful: What a person has to look at, since it may be something new.
        unmuted: What lies unmuted beside a muted recording, or in its place; a person mutes or removes it.
    """

    back: tuple[Restored, ...] = ()
    doubtful: tuple[Restored, ...] = ()
    unmuted: tuple[Restored, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredCopies:
    """Records found at the places of restricted records that are none of the case's records by name.

    Args:
        renamed: Records that are gone by their own name, as they go by now; of each record one.
        beside: Further ones of the same content, besides the record.
        doubtful: What a person has to look at, since it may be something new.
    """

    renamed: tuple[Restored, ...] = ()
    beside: tuple[Restored, ...] = ()
    doubtful: tuple[Restored, ...] = ()


def sort_copies(
    found: Iterable[Restored], marked_at: Mapping[RecordRef, datetime], gone: Collection[RecordRef]
) -> RestoredCopies:
    """Sort the records found at the places of restricted records: identical ones are restricted too.

    Args:
        found: What lies there, but for the case's own records.
        marked_at: When each record was marked (aware).
        gone: The records that are not there by their own names.
    """
    renamed: dict[RecordRef, Restored] = {}
    beside, doubtful = list[Restored](), list[Restored]()
    for restored in found:
        if not restored.is_same:
            # What was there before, beside a record that is still there, is another record.
            if restored.record in gone or restored.stored_at >= marked_at[restored.record] - _UNDER_A_SECOND:
                doubtful.append(restored)
        elif restored.record in gone and restored.record not in renamed:
            renamed[restored.record] = restored
        else:
            beside.append(restored)
    return RestoredCopies(renamed=tuple(renamed.values()), beside=tuple(beside), doubtful=tuple(doubtful))


def sort_restored(
    found: Iterable[Restored], erased_at: Mapping[RecordRef, datetime], muted: Collection[RecordRef]
) -> Sorted:
    """Sort the records found at the places of erased or muted records.

    Args:
        found: What lies there, but for the case's other records.
        erased_at: When each record was erased or muted (aware).
        muted: Those that were muted.
    """
    back: dict[RecordRef, Restored] = {}
    doubtful, unmuted = list[Restored](), list[Restored]()
    for restored in found:
        if restored.record in muted:
            unmuted.append(restored)
        elif not restored.is_same or restored.stored_at < erased_at[restored.record] - _UNDER_A_SECOND:
            # What was there before the erasure did not come back.
            doubtful.append(restored)
        elif restored.record not in back:
            back[restored.record] = restored
    return Sorted(back=tuple(back.values()), doubtful=tuple(doubtful), unmuted=tuple(unmuted))
