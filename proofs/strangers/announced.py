"""What an act changed, held against whose everything was and against what the case announced."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from proofs.common import Adding
from proofs.strangers.cases import Office
from proofs.strangers.people import OWN_NUMBER, Person, Town, bare, spellings
from proofs.strangers.planted import NOTE, Marks, Row, Snapshot
from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.lifting import announce_lifting, liftable
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.domain.vocabulary.rights import Right

Record = tuple[str, str]
"""A record by its kind and its key, as a case names it."""

BLACK = "▇"
_CHANGED = frozenset({"erased", "redacted", "residue", "pseudonymised", "blanked", "muted"})
_STAYS = frozenset({"retained", "restricted", "residue", "unclear", "blanked", "muted"})


@dataclass(frozen=True, slots=True)
class System:
    """One system's side of the proof."""

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
        return self.beginning_with(held) if self.beginning_with else self


@dataclass
class Judgement(Adding):
    """What came of one erasure, or of many."""

    untouched: int = 0
    announced: int = 0
    erased: int = 0
    kept: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Erased:
    """The person whose erasure is judged."""

    number: int
    words: Callable[[frozenset[int]], frozenset[str]]
    outcomes: Mapping[tuple[str, str, str], str]


def judge(system: System, before: Snapshot, after: Snapshot, erased: Erased, marks: Marks) -> Judgement:
    """Judge what an erasure did to one system."""
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
    """Return what was changed of another person's part."""
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


MARK = "restricted"
SETTINGS: Mapping[str, str] = {
    'connector         = "zendesk"': f'restricted_tag    = "{MARK}"',
    'connector         = "stripe"': f'restricted_metadata = "{MARK}"',
    'name       = "contact"': 'rectify    = { phone = "phone", name = "name" }\nrestriction = { column = "locked" }',
    'name       = "ticket"': 'restriction = { column = "locked" }',
    'name       = "card"': 'facts      = ["accounting"]\noccurred_at = "paid"\nfields     = { note = "holder" }',
}
"""What the operator writes besides, and after which line: what can be corrected, marked, blanked."""
_DAYS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Change:
    """What an act may change."""

    outcomes: Collection[str]
    fields: Mapping[str, frozenset[str]]
    is_done: str = ""


def configured(sections: str) -> str:
    for line, more in SETTINGS.items():
        sections = sections.replace(line, f"{line}\n{more}", 1)
    # A card is a voucher then.
    assert _CARD_CLASS in sections
    return sections.replace(_CARD_CLASS, _CARD_CLASS.replace("none", "voucher"))


_CARD_CLASS = 'document_class = "none"\nname       = "card"'


def rectify(office: Office, person: Person) -> tuple[dict[tuple[str, str, str], str], Change]:
    phone, name = f"+496990019{person.number:03}", f"Zoe Novum {person.number}"
    asked = f"phone | {person.phones[0]} | {phone}\nname | {person.name} | {name}"
    case_id = office.answer(Right.RECTIFICATION, person, corrections=asked)
    right = {"phone": frozenset({phone}), "name": frozenset({name}), "value": frozenset({phone})}
    # The helpdesk says itself whether several people have a number, and derives an identity from one that one has.
    right["shared_phone_number"] = frozenset({"true", "false"})
    return office.outcomes(case_id), Change({"rectified", "not rectified"}, right, "rectified")


def restrict(office: Office, person: Person) -> tuple[str, dict[tuple[str, str, str], str], Change]:
    case_id = office.answer(Right.RESTRICTION, person, ground="accuracy")
    # A payment shows its charges within, each with its own mark.
    named = ("tags", "metadata", "charges", "latest_charge")
    marks = {"locked": frozenset({"1"}), **dict.fromkeys(named, frozenset[str]())}
    return case_id, office.outcomes(case_id), Change({"restricted"}, marks, "restricted")


def lift(case_id: str) -> None:
    app = current_app()
    on, numbers = app.today + _DAYS, set(liftable(app, case_id))
    if not numbers:
        return
    announce_lifting(app, case_id, numbers, on, reason="The data were checked.", by="Dana Decider")
    record_sent(app, case_id, "L15", by="Ida Identity")
    moment = app.now() + _DAYS + timedelta(days=1)
    with installed(replace(app, now=lambda: moment)):
        follow_up(current_app())


def judge_change(
    system: System,
    before: Snapshot,
    after: Snapshot,
    number: int,
    outcomes: Mapping[tuple[str, str, str], str],
    change: Change,
) -> Judgement:
    """Judge what an act did to one system."""
    done, changed = Judgement(), set[Record]()
    for place, row in before.items():
        now, owners, record = after.get(place), system.owners(place, row), system.record(place, row)
        outcome = outcomes.get((system.name, *record), "") if record else ""
        fields = () if now is None else tuple(_different(row, now, system.moves))
        if now is not None and not fields:
            done.untouched += number not in owners
            done.kept += number in owners
            continue
        if record:
            changed.add(record)
        done.announced += owners != {number}
        done.erased += owners == {number}
        done.faults += _faults(f"{system.name} {place}: of {sorted(owners)}", now, fields, outcome, change)
        if number not in owners:
            done.faults.append(f"{system.name} {place}: of {sorted(owners)}, is another one's")
    for place in after.keys() - before.keys():
        come = system.record(place, after[place])
        is_announced = come is not None and outcomes.get((system.name, *come)) == change.is_done != ""
        if not is_announced or system.owners(place, after[place]) != {number}:
            done.faults.append(f"{system.name} {place}: it was not there before")
    for (name, *rest), outcome in outcomes.items():
        if name == system.name and outcome == change.is_done and (rest[0], rest[1]) not in changed:
            done.faults.append(f"{name} {rest}: the case says {outcome}, and it is as it was")
    return done


def _different(row: Row, now: Row, moves: Collection[str]) -> Iterator[str]:
    yield from (name for name in sorted((row.keys() | now.keys()) - set(moves)) if row.get(name) != now.get(name))


def _faults(where: str, now: Row | None, fields: Collection[str], outcome: str, change: Change) -> Iterator[str]:
    if now is None:
        yield f"{where}, is gone"
        return
    if outcome not in change.outcomes:
        yield f"{where}, is changed; the case says {outcome or 'nothing'}"
    for name in fields:
        may_be = change.fields.get(name)
        if may_be is None or (may_be and now.get(name) not in may_be):
            yield f"{where}, {name} is another one than before"
        elif not may_be and MARK not in now.get(name, ""):
            yield f"{where}, {name} is changed otherwise than by the mark"


OWN_FILE = "own file"
"""So begins what is planted in a file that a person wrote by themselves."""
_OWN_DOMAIN = "@example.com"
"""Whose addresses are the controller's, as the configuration says: they stay."""


def judge_package(files: Mapping[str, bytes], person: Person, town: Town, marks: Marks) -> list[str]:
    return [f"{name}: {what}" for name, content in files.items() for what in _wrong(content, person, town, marks)]


def _wrong(content: bytes, person: Person, town: Town, marks: Marks) -> Iterator[str]:
    text = content.decode("latin-1")
    for mark in marks.within(text):
        if mark.owners and person.number not in mark.owners and OWN_FILE in mark.what:
            yield f"{mark.what}, which is of {sorted(mark.owners)} alone"
    yield from (f"names another person by {what}" for what in _others_in(text, person, town))


def given_files(files: Mapping[str, bytes], person: Person, marks: Marks) -> int:
    found = {mark.word for content in files.values() for mark in marks.within(content.decode("latin-1"))}
    return sum(
        mark.word in found and OWN_FILE in mark.what and mark.owners == {person.number}
        for mark in marks.by_word.values()
    )


def _others_in(text: str, person: Person, town: Town) -> Iterator[str]:
    own = {*person.emails, *person.phones, OWN_NUMBER}
    for other in town.people:
        for what, written in _ways(other):
            if what not in own and re.search(rf"(?<![\w.+]){re.escape(written)}(?![\w])", text, re.IGNORECASE):
                yield f"{'an address' if '@' in what else 'a number'} of {other.number}"


def _ways(person: Person) -> Iterator[tuple[str, str]]:
    yield from ((one, one) for one in person.emails if not one.endswith(_OWN_DOMAIN))
    yield from ((phone, one) for phone in person.phones for one in spellings(phone) if one != bare(phone))
