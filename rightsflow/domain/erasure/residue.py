"""What is left of a record after an erasure, and whether it leads back to the person.

A record is ``absent`` or ``redacted`` only where a fresh read shows no identifier, no name and no key by which the
person can be found again: a card that is detached from its customer still shows the fingerprint that every payment
with it bears. What leads back is a residue, and its fields are named.

Pure, and the one place where this is decided; each connector gives it what it has read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rightsflow.domain.disclosure.wordforms import NameForms, compose, fold, name_forms, phone_pattern
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.records import Presence, PresenceState, RecordRef
from rightsflow.domain.spellings import number_like, numbers_in

_IDS: Final = frozenset({IdentifierKind.CUSTOMER_ID, IdentifierKind.ACCOUNT_ID})
_MOST_NAMED: Final = 6
"""How many fields a sentence names."""


@dataclass(frozen=True, kw_only=True)
class ResidueTrail:
    """What leads back to the person.

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
        full = (one.value for one in self.known if one.kind is IdentifierKind.NAME and " " in one.value)
        return tuple(forms for name in sorted(full) if (forms := name_forms(name)))

    @cached_property
    def _words(self) -> tuple[str, ...]:
        return tuple(sorted(fold(one.value) for one in self.known if _is_word(one)))

    @cached_property
    def _phones(self) -> frozenset[str]:
        return frozenset(one.value for one in self.known if one.kind is IdentifierKind.PHONE)

    @cached_property
    def _values(self) -> frozenset[str]:
        ids = (one.value for one in self.known if one.kind in _IDS)
        return frozenset(map(fold, ids))

    @cached_property
    def _short_names(self) -> frozenset[str]:
        return frozenset(fold(one.value) for one in self.known if one.kind is IdentifierKind.NAME)

    def stands_in(self, text: str, field: str = "") -> bool:
        """Whether a text leads back.

        Args:
            text: What stands in a field.
            field: The field's own name, which says whether ids of persons stand there.
        """
        folded = fold(compose(text)).strip()
        if folded in self._short_names or (field in self.id_fields and folded in self._values):
            return True
        return self._is_worded(folded) or self._is_dialled(text)

    def _is_worded(self, folded: str) -> bool:
        if any(_stands_alone(word, folded) for word in self._words):
            return True
        return any(name.literal in folded and name.pattern.search(folded) for name in self._names)

    def _is_dialled(self, text: str) -> bool:
        if not self._phones:
            return False
        for run in number_like(text):
            if any(phone_pattern(one).search(run.string, run.start(), run.end()) for one in self._phones):
                return True
            if any(number in self._phones for _, _, number in numbers_in(run, self.country)):
                return True
        return False


def fields_left(tree: object, trail: ResidueTrail, path: str = "") -> tuple[str, ...]:
    """The fields that lead back to the person, as paths without values; empty if none does.

    Args:
        tree: What a fresh read gave: JSON, or a row of a table as a mapping.
        trail: What leads back.
        path: Where the tree stands; empty for a whole record.
    """
    return tuple(dict.fromkeys(_left(tree, trail, path)))


def left(
    record: RecordRef, fields: Sequence[str], words: Mapping[str, str] | None = None, *, may_go: bool = False
) -> Presence:
    """The answer of a fresh read from the fields that lead back.

    Args:
        record: The record.
        fields: From :func:`fields_left`, or what else can be read of the person.
        words: Plain words for fields, for the answer to the person.
        may_go: Whether the system lets the fields be removed, so that the record is to be erased once more.
    """
    if not fields:
        return Presence(record=record, state=PresenceState.ABSENT)
    state = PresenceState.PRESENT if may_go else PresenceState.RESIDUE
    return Presence(record=record, state=state, detail=in_words(fields, words), fields=tuple(fields))


def in_words(fields: Collection[str], words: Mapping[str, str] | None = None) -> str:
    """One sentence on what can still be read, for the answer to the person.

    Args:
        fields: The fields.
        words: Plain words for some of them; the others are named as the system names them.
    """
    known = words or {}
    named = list(
        dict.fromkeys(known.get(one) or known.get(_last(one)) or _last(one).replace("_", " ") for one in fields)
    )
    more = [f"{len(named) - _MOST_NAMED} more"] if len(named) > _MOST_NAMED else []
    shown = [*named[:_MOST_NAMED], *more]
    listed = " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
    return f"The system keeps a part that leads back to you: {listed}."


def _left(value: object, trail: ResidueTrail, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _linked(value, trail, path)
        for key, inner in value.items():
            if str(key) not in trail.structure:
                yield from _left(inner, trail, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from _left(inner, trail, path)
    elif _is_filled(value, trail) and trail.stands_in(str(value), _last(path)):
        yield path


def _linked(value: Mapping[object, object], trail: ResidueTrail, path: str) -> Iterator[str]:
    for group in trail.linking:
        if all(_is_filled(value.get(name), trail) for name in group):
            yield from (f"{path}.{name}" if path else name for name in group)


def _is_filled(value: object, trail: ResidueTrail) -> bool:
    if value is None or isinstance(value, bool):
        return False
    text = str(value).strip()
    return bool(text) and text not in trail.blanks


def _is_word(one: Identifier) -> bool:
    """Whether it can be looked for as a word in any text; numbers have many spellings and are looked for apart."""
    return one.is_unmistakable and one.kind is not IdentifierKind.PHONE


def _stands_alone(word: str, folded: str) -> bool:
    """Whether a word stands in a text and is not a part of a longer one."""
    start = folded.find(word)
    while start >= 0:
        before, after = folded[start - 1 : start], folded[start + len(word) :][:1]
        if not (before.isalnum() or after.isalnum()):
            return True
        start = folded.find(word, start + 1)
    return False


def _last(path: str) -> str:
    return path.rpartition(".")[2]
