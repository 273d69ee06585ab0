"""Coverage of a described system: fields, collections and codes in its answers that the description does not know.

A few records of each kind are read, as ``doctor`` reads them; of what they hold nothing is kept but the names of
fields. A field that looks like an identity is told wherever it is; any other personal one where records stay after an
erasure, since it stays with them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from connectors.rest.kinds import DescribedKind, Entries
from connectors.rest.paths import values_at
from connectors.rest.records import RestRecord, RestSession
from rightsflow.domain.coverage import PlaceKind, SystemPlace
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.spellings.field_names import IDENTITIES, PERSONAL, FieldSort, sort_of
from rightsflow.domain.spellings.fields import readings

_SAMPLED: Final = 10
"""The largest number of records of a kind that are looked at below one record, or in a list."""
_READ: Final = 3
"""The largest number of them that are read afresh, with their entries and what is below them."""
_KEY: Final = re.compile(r"[A-Za-z_@][\w-]{0,63}")
_CODE: Final = re.compile(r"[A-Za-z_]{1,32}|\d{1,4}")
_NUMBER: Final = re.compile(r"(\d\W*){6}")
_CHOICE: Final = re.compile(r"\[[^\]]*\]")
_WORDS: Final = 5
"""A value of so many words is free text."""


def uncovered(session: RestSession) -> Iterator[SystemPlace]:
    """Yield the fields, collections and codes that the description does not know.

    Args:
        session: The operation.

    Raises:
        RightsflowError: The system did not answer, also where no kind has a sample.
    """
    session.api.prove()
    rows: defaultdict[str, list[Any]] = defaultdict(list)
    entries: defaultdict[str, list[Any]] = defaultdict(list)
    for record in _sampled(session):
        rows[record.ref.kind].append(record.row)
    for name, kind in session.description.kinds.items():
        for row in rows[name][:_READ] if kind.entries else ():
            entries[name] += [entry.row for entry in session.entries(session.record(name, row))][:_SAMPLED]
        yield from _fields(name, rows[name], _known(session, name, kind), is_kept=kind.erase is None or bool(kind.mask))
        if kind.entries:
            yield from _fields(f"{name}.entries", entries[name], _known_of_entries(kind), is_kept=True)
        yield from _codes(session, name, kind, rows[name])


def _sampled(session: RestSession) -> Iterator[RestRecord]:
    """Yield a few records of each kind: from its own sample, or from below those of another kind."""
    seen: defaultdict[str, int] = defaultdict(int)
    for name, kind in session.description.kinds.items():
        if kind.sample is None:
            continue
        for row in islice(session.api.rows(kind.sample, {}, pages=1), _SAMPLED):
            record = session.hit(name, row, kind.sample)
            if record is not None:
                yield from _with_below(session, record, seen)


def _with_below(session: RestSession, record: RestRecord, seen: defaultdict[str, int]) -> Iterator[RestRecord]:
    yield record
    seen[record.ref.kind] += 1
    if seen[record.ref.kind] > _READ or (fresh := session.read(record.ref)) is None:
        return
    yield fresh
    for name, parent in session.below[record.ref.kind]:
        for child in islice(session.children(fresh, name, parent), _READ):
            yield from _with_below(session, child, seen)


# -- what a description knows ------------------------------------------------------------------------------------------


def _known(session: RestSession, name: str, kind: DescribedKind) -> frozenset[str]:
    paths = [kind.id, kind.occurred_at, kind.language, *kind.without, *kind.others, *kind.labels, *kind.not_personal]
    paths += [path for places in kind.names.values() for path in places]
    paths += [parent.id for parent in kind.parents]
    paths += [parent.inside for _, parent in session.below[name]]
    paths += [where.path for where in (*kind.facts.values(), kind.staff) if where is not None]
    paths += [*kind.known_values, *(kind.mask.places if kind.mask else ())]
    paths += [path for file in kind.files for path in _of_file(file.each, file.address, file.name, file.type)]
    requester = session.description.requester
    if requester and requester.ticket == name:
        paths += [requester.channel, requester.asked_at, requester.number]
    texts = session.description.texts
    if texts and texts.kind == name:
        paths += [texts.changed_at, *texts.texts]
    return _plain([*paths, *([kind.entries.inside] if kind.entries else ())])


def _known_of_entries(kind: DescribedKind) -> frozenset[str]:
    entries: Entries | None = kind.entries
    if entries is None:
        return frozenset()
    paths = [entries.id, *entries.texts, *kind.without, *entries.not_personal]
    paths += [path for places in entries.names.values() for path in places]
    paths += [entries.staff.path] if entries.staff else []
    paths += [path for file in entries.files for path in _of_file(file.each, file.address, file.name, file.type)]
    return _plain([*paths, *(entries.mask.places if entries.mask else ())])


def _of_file(each: str, *paths: str) -> list[str]:
    return [f"{each}[*].{path}" if each else path for path in paths if path] + ([each] if each else [])


def _plain(paths: Collection[str]) -> frozenset[str]:
    """Return the paths without positions and conditions; of joined ones each."""
    parts = (part for path in paths for part in path.split(" + "))
    return frozenset(_CHOICE.sub("", part) for part in parts if part)


# -- what answers hold -------------------------------------------------------------------------------------------------


def _fields(name: str, rows: list[Any], known: frozenset[str], *, is_kept: bool) -> Iterator[SystemPlace]:
    sorts: dict[str, FieldSort] = {}
    for path, key, value in (leaf for row in rows for leaf in _unknown(row, "", known)):
        sort = _sort(key, value)
        if sort in IDENTITIES or (is_kept and sort in PERSONAL):
            sorts.setdefault(path, sort)
    for path, sort in sorted(sorts.items()):
        lines = f'# to [kinds.{name}] of its description: names, mask, or\nnot_personal = ["{path}"]'
        yield SystemPlace(kind=PlaceKind.FIELD, name=f"{name}.{path}", looks_like=sort.value, lines=lines)


def _unknown(tree: Any, path: str, known: frozenset[str], top: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield each value that no path of the description leads to, with the topmost unknown field it is in."""
    if isinstance(tree, list):
        for entry in tree:
            yield from _unknown(entry, path, known, top)
    elif not isinstance(tree, Mapping):
        yield top or path, path.rpartition(".")[2], tree
    else:
        for key, value in tree.items():
            # Keys that are no program's names may be values.
            inner = f"{path}.{key}".lstrip(".") if _KEY.fullmatch(str(key)) else path
            if inner in known:
                continue
            leads_on = any(other.startswith(f"{inner}.") for other in known)
            yield from _unknown(value, inner, known, "" if leads_on else top or inner)


def _sort(key: str, value: Any) -> FieldSort:
    """Return the sort of a field by its name, unless its value is of another one."""
    if isinstance(value, bool):
        return FieldSort.OTHER
    by_name = sort_of(key)
    if not isinstance(value, str) or not value:
        return by_name
    if readings(IdentifierKind.EMAIL, value):
        return FieldSort.EMAIL
    if by_name is FieldSort.EMAIL or (by_name is FieldSort.PHONE and not _NUMBER.search(value)):
        by_name = FieldSort.OTHER
    is_text = by_name is FieldSort.OTHER and len(value.split()) >= _WORDS
    return FieldSort.FREE_TEXT if is_text else by_name


def _codes(session: RestSession, name: str, kind: DescribedKind, rows: list[Any]) -> Iterator[SystemPlace]:
    """Yield the channels, brands and the like of which the description names others only."""
    known: dict[str, set[str]] = {path: set(map(str, values)) for path, values in kind.known_values.items()}
    requester = session.description.requester
    if requester and requester.ticket == name and requester.channel:
        known.setdefault(requester.channel, set()).update(requester.channels)
    for path, codes in known.items():
        found = {str(value) for row in rows for value in values_at(row, path)}
        for code in sorted(found - codes):
            if _CODE.fullmatch(code):
                place = PlaceKind.BRAND if "brand" in path.casefold() else PlaceKind.CHANNEL
                yield SystemPlace(kind=place, name=f"{name}.{path} {code}", looks_like="records of a new sort")
