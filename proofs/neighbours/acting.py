"""Acts that erase nothing: a rectification, a restriction and its lifting; of the others nothing changes by them.

What may change is named: which records, by the outcomes that the case announces, and in them which fields to which
values. All else has to be as it was, byte for byte.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from proofs.neighbours.drawn import Resident
from proofs.neighbours.judging import Judgement, Record, System
from proofs.strangers.cases import Office
from proofs.strangers.planted import Row, Snapshot
from rightsflow.app import current_app, installed
from rightsflow.cases.follow_up.lifting import announce_lifting, liftable
from rightsflow.cases.follow_up.rounds import follow_up
from rightsflow.cases.sending.sent import record_sent
from rightsflow.domain.request import Right

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
    """What an act may change.

    Args:
        outcomes: Of which records, by how the case says that they ended.
        fields: Which of their fields, each with what may stand there afterwards; none for anything.
        is_done: Whether a record with that outcome has to have changed.
    """

    outcomes: Collection[str]
    fields: Mapping[str, frozenset[str]]
    is_done: str = ""


def configured(sections: str) -> str:
    """The configuration with what these acts need.

    Args:
        sections: That of the systems.
    """
    for line, more in SETTINGS.items():
        sections = sections.replace(line, f"{line}\n{more}", 1)
    # A card is a voucher then.
    return sections.replace(_CARD_CLASS, _CARD_CLASS.replace("none", "voucher"))


_CARD_CLASS = 'fields     = { note = "holder" }\ndocument_class = "none"'


def rectify(office: Office, person: Resident) -> tuple[dict[tuple[str, str, str], str], Change]:
    """The person's number and name are corrected; returns how the case ended, and what may have changed."""
    phone, name = f"+496990019{person.number:03}", f"Zoe Novum {person.number}"
    asked = f"phone | {person.phones[0]} | {phone}\nname | {person.name} | {name}"
    case_id = office.answer(Right.RECTIFICATION, person, corrections=asked)
    right = {"phone": frozenset({phone}), "name": frozenset({name}), "value": frozenset({phone})}
    # The helpdesk says itself whether several people have a number, and derives an identity from one that one has.
    right["shared_phone_number"] = frozenset({"true", "false"})
    return office.outcomes(case_id), Change({"rectified", "not rectified"}, right, "rectified")


def restrict(office: Office, person: Resident) -> tuple[str, dict[tuple[str, str, str], str], Change]:
    """What is the person's is restricted; returns the case, how it ended, and what may have changed."""
    case_id = office.answer(Right.RESTRICTION, person, ground="accuracy")
    # A payment shows its charges within, each with its own mark.
    named = ("tags", "metadata", "charges", "latest_charge")
    marks = {"locked": frozenset({"1"}), **dict.fromkeys(named, frozenset[str]())}
    return case_id, office.outcomes(case_id), Change({"restricted"}, marks, "restricted")


def lift(case_id: str) -> None:
    """The restriction of a case is lifted, a fortnight after the person was told."""
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
    """Judge what an act did to one system.

    Args:
        system: The system.
        before: What it held before.
        after: What it holds now.
        number: Whose request it was.
        outcomes: How the case says that each record ended.
        change: What may have changed.
    """
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
        elif not may_be and not _is_marked(now.get(name, "")):
            yield f"{where}, {name} is changed otherwise than by the mark"


def _is_marked(value: str) -> bool:
    return MARK in value
