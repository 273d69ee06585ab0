"""The judgement: what one erasure changed, held against whose everything was and against what the case announced.

It knows the systems' contents before and after, whose each thing is by the marks that were planted, and the outcome of
each record as the case states it. It knows nothing of how Rightsflow comes to these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from proofs.strangers.planted import NOTE, Marks, Row, Snapshot

Record = tuple[str, str]
"""A record by its kind and its key, as a case names it."""

BLACK = "▇"
_CHANGED = frozenset({"erased", "redacted", "residue", "pseudonymised", "blanked", "muted"})
_STAYS = frozenset({"retained", "restricted", "residue", "unclear", "blanked", "muted"})


@dataclass(frozen=True, slots=True)
class System:
    """One system's side of the proof.

    Args:
        name: As in the configuration.
        snapshot: Reads everything that it holds, by place.
        owners: Whose a thing is: everybody who has a part in it; empty for the controller's own.
        record: Which record of a case a thing belongs to; ``None`` where it is none.
        is_own: Whether what stands in a thing is one person's, though others have a part in it: the heading of a ticket
            that the person asked for.
        only_reads: Whether a person has a part in a record by a number in a list alone, that cannot be changed.
        ids: The system's own keys of a person, which stand in lists of others' things.
        may_come: The first parts of places that an erasure may add: delete markers, notes of what was deleted.
        moves: The columns that move with each announced change of a thing, such as the time of the last change.
        beginning_with: The same system, where whose a thing is depends on what else is held; told by what was held.
    """

    name: str
    snapshot: Callable[[], Snapshot]
    owners: Callable[[str, Row], frozenset[int]]
    record: Callable[[str, Row], Record | None]
    is_own: Callable[[Row, int], bool] = lambda _row, _number: False
    only_reads: Callable[[Record, int], bool] = lambda _record, _number: False
    ids: Callable[[int], frozenset[str]] = lambda _number: frozenset()
    may_come: frozenset[str] = frozenset()
    moves: frozenset[str] = frozenset()
    beginning_with: Callable[[Snapshot], System] | None = None

    def before(self, held: Snapshot) -> System:
        """The system as an erasure finds it, after others have been erased.

        Args:
            held: What it holds.
        """
        return self.beginning_with(held) if self.beginning_with else self


@dataclass
class Judgement:
    """What came of one erasure, or of many.

    Args:
        untouched: How many things of others are as they were.
        announced: How many things of several people were changed as the case announced.
        erased: How many things of the person are gone or lost what was theirs.
        kept: How many things of the person stay, each as the case says.
        faults: What is wrong, a line each.
    """

    untouched: int = 0
    announced: int = 0
    erased: int = 0
    kept: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, other: Judgement) -> None:
        """Count another one in."""
        for name in ("untouched", "announced", "erased", "kept"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.faults += other.faults


@dataclass(frozen=True, slots=True)
class Erased:
    """The person whose erasure is judged.

    Args:
        number: The person.
        words: By what the person can be named, by the number of each other person: without that one's own words.
        outcomes: How the case says that each record of a system ended.
    """

    number: int
    words: Callable[[frozenset[int]], frozenset[str]]
    outcomes: Mapping[tuple[str, str, str], str]


def judge(system: System, before: Snapshot, after: Snapshot, erased: Erased, marks: Marks) -> Judgement:
    """Judge what an erasure did to one system.

    Args:
        system: The system.
        before: What it held before.
        after: What it holds now.
        erased: Whose erasure it was, and what the case says of it.
        marks: Everything that was planted.
    """
    done, changed = Judgement(), set[Record]()
    for place, row in before.items():
        now, owners = after.get(place), system.owners(place, row)
        record = system.record(place, row)
        outcome = erased.outcomes.get((system.name, *record), "") if record else ""
        where = f"{system.name} {place}"
        if now is None or _stored(now) != _stored(row):
            if record:
                changed.add(record)
            announced = outcome in _CHANGED or (record is None and owners == {erased.number})
            if not announced:
                done.faults.append(f"{where}: of {sorted(owners)}, {_what(now)}; the case says {outcome or 'nothing'}")
            # Which samples of a recording may be silent is for the system's own judge.
            done.faults += [] if outcome == "muted" else _wrong_change(system, where, row, now, owners, erased)
        if erased.number not in owners:
            done.untouched += now is not None and _stored(now) == _stored(row)
        elif now is None or (now != row and outcome in _CHANGED):
            done.erased += owners == {erased.number}
            done.announced += owners != {erased.number}
        else:
            done.kept += 1
        if now is not None:
            done.faults += _left(where, now, owners, outcome, erased, marks)
    done.faults += _came(system, before, after)
    done.faults += _not_done(system, before, after, changed, erased)
    return done


def _stored(row: Row) -> dict[str, str]:
    return {name: value for name, value in row.items() if not name.startswith(NOTE)}


def _wrong_change(
    system: System, where: str, row: Row, now: Row | None, owners: frozenset[int], erased: Erased
) -> Iterator[str]:
    """What of another person's part was touched."""
    others = owners - {erased.number}
    if not others and erased.number in owners:
        return
    if now is None:
        yield f"{where}: of {sorted(owners)}, is gone"
        return
    if system.is_own(row, erased.number):
        return
    words, ids = erased.words(others), system.ids(erased.number)
    for name in sorted(_stored(row).keys() | _stored(now).keys()):
        was, is_now = row.get(name, ""), now.get(name, "")
        if was != is_now and name not in system.moves and _without(was, words, ids) != _without(is_now, words, ids):
            yield f"{where}: {name} of {sorted(others)} is another one than before"


def _what(now: Row | None) -> str:
    return "is gone" if now is None else "is changed"


def _without(value: str, words: Iterable[str], ids: frozenset[str]) -> str:
    """A value without what names the person, the same whether that was blackened already or not."""
    if not value.startswith(("[", "{")):
        return _text_without(value, words)
    return json.dumps(_json_without(json.loads(value), tuple(words), ids), sort_keys=True)


def _json_without(value: Any, words: tuple[str, ...], ids: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {key: _json_without(inner, words, ids) for key, inner in value.items()}
    if isinstance(value, list):
        return [_json_without(one, words, ids) for one in value if str(one) not in ids]
    return _text_without(value, words) if isinstance(value, str) else value


def _text_without(text: str, words: Iterable[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = re.sub(rf"(?<![\w]){re.escape(word)}(?![\w])", "", text, flags=re.IGNORECASE)
    return re.sub(rf"[{BLACK}\s]+", "", text)


def _left(where: str, now: Row, owners: frozenset[int], outcome: str, erased: Erased, marks: Marks) -> Iterator[str]:
    """What of the person alone still stands there, though the case does not say that it stays."""
    own = [mark for mark in _marks(now, marks) if mark.owners == {erased.number}]
    if own and outcome not in _STAYS:
        yield f"{where}: of {sorted(owners)}, {own[0].what} is still there, and the case says {outcome or 'nothing'}"


def _marks(row: Row, marks: Marks) -> Iterator[Any]:
    for value in _stored(row).values():
        yield from marks.within(value)


def _came(system: System, before: Snapshot, after: Snapshot) -> Iterator[str]:
    for place in after.keys() - before.keys():
        if place.partition("/")[0] not in system.may_come:
            yield f"{system.name} {place}: it was not there before"


def _not_done(system: System, before: Snapshot, after: Snapshot, changed: set[Record], erased: Erased) -> Iterator[str]:
    """Records that the case calls erased and that are there, or redacted and that are as they were."""
    # What came is a mark of the system that something was deleted.
    there = {record for place, row in after.items() if place in before and (record := system.record(place, row))}
    were = {record for place, row in before.items() if (record := system.record(place, row))}
    for (name, *rest), outcome in erased.outcomes.items():
        record = (rest[0], rest[1])
        if name != system.name or outcome not in _CHANGED or record not in were:
            continue
        if outcome == "erased" and record in there:
            yield f"{name} {record}: the case says that it is erased, and it is there"
        elif record not in changed and outcome != "residue" and not system.only_reads(record, erased.number):
            yield f"{name} {record}: the case says {outcome}, and it is as it was"
