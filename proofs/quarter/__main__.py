"""``python -m proofs.quarter``: a quarter with twenty processors of ten manners, judged by the manners alone."""

from __future__ import annotations

import argparse
import logging
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from proofs.common import head, row, say
from proofs.quarter.life import (
    Asked,
    Manner,
    Person,
    Quarter,
    concerned,
    due_on,
    manner_of,
    people,
    proves,
    stays_open,
    world,
)
from rightsflow.app import current_app
from rightsflow.domain.alerts.ladder import RungKind
from rightsflow.domain.processors.answers import Instruction
from rightsflow.domain.processors.scorecard import scorecard
from rightsflow.domain.vocabulary.rights import Right

_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_PROVED: Final = re.compile(
    r"^- Company (\S+): (?:confirmed on|gave us on|told us on .* that it holds nothing)", re.MULTILINE
)
_NAMED: Final = re.compile(r"^- Company (\S+): ", re.MULTILINE)
_OWNER, _MANAGEMENT = "person.case_owner", "person.management"
_OF_PROCESSORS: Final = frozenset(
    {
    RungKind.INSTRUCTION_UNSENT, RungKind.PROCESSOR_DUE, RungKind.PROCESSOR_OVERDUE, RungKind.PROCESSOR_ANSWER_DOUBTFUL,
    RungKind.PROCESSOR_ANSWERED_LATE,
}
)  # fmt: skip


def judge(quarter: Quarter) -> list[str]:
    return [
        *quarter.refused, *_instructed(quarter), *_letters(quarter), *_open(quarter), *_alerts(quarter),
        *_mails(quarter), *_scores(quarter),
    ]  # fmt: skip


def _instructed(quarter: Quarter) -> Iterator[str]:
    for person in quarter.people:
        found = {one.processor for one in quarter.instructions(person)}
        if found != concerned(quarter.world, person):
            yield f"{person.case_id}: {sorted(found ^ concerned(quarter.world, person))} asked too many or too few"


def _letters(quarter: Quarter) -> Iterator[str]:
    for on, person, name, body in quarter.letters:
        asked = {one.processor: one for key, one in quarter.asked.items() if key[0] == person.case_id}
        proved = set(_PROVED.findall(body))
        wanted = {key for key, one in asked.items() if _was_proved(one, on, person.right)}
        if unproved := proved - wanted:
            yield f"{person.case_id}: {name} of {on} says proved of {sorted(unproved)}, and it is not"
        if name == "L20":
            continue
        if missing := (wanted - proved) | (set(asked) - set(_NAMED.findall(body))):
            yield f"{person.case_id}: {name} of {on} leaves out {sorted(missing)}"
    for person in quarter.people:
        mine = [one for key, one in quarter.asked.items() if key[0] == person.case_id]
        waits = any(stays_open(one.manner, person.right) for one in mine)
        has_second = any(one is person and name == "L20" for _, one, name, _ in quarter.letters)
        if has_second is waits:
            yield f"{person.case_id}: a second letter {'went out' if has_second else 'did not go out'}"


def _was_proved(one: Asked, on: date, right: Right) -> bool:
    moves = [move for day, move in one.done if day <= on]
    return bool(moves) and proves(one.manner, moves[-1], right)


def _open(quarter: Quarter) -> Iterator[str]:
    for person in quarter.people:
        for one in quarter.instructions(person):
            manner = quarter.asked[one.case_id, one.number].manner
            if one.is_open is not stays_open(manner, person.right):
                yield f"{one.case_id}: the instruction to {one.processor} is {one.standing.value}"


def _alerts(quarter: Quarter) -> Iterator[str]:
    for person in quarter.people:
        with quarter.world.bench.file(person.case_id) as file:
            raised = [one for one in file.alerts.all() if one.kind in _OF_PROCESSORS]
        posted = [one for one in quarter.world.carrier.posted if one.case_id == person.case_id]
        for alert_id, count in Counter(one.alert_id for one in posted if one.kind in _OF_PROCESSORS).items():
            if count > 1:
                yield f"{person.case_id}: alert {alert_id} was told {count} times"
        for one in quarter.instructions(person):
            wanted = Counter(_wanted(quarter, person, one))
            found = Counter(each.kind for each in raised if f"Instruction {one.number} to" in each.text)
            if wanted != found:
                yield f"{person.case_id}: {one.processor} raised {dict(found)}, and not {dict(wanted)}"
    for notice in quarter.world.carrier.posted:
        if notice.kind not in _OF_PROCESSORS:
            continue
        wanted_people = {_OWNER, _MANAGEMENT} if notice.kind is RungKind.PROCESSOR_OVERDUE else {_OWNER}
        if set(notice.recipients) != wanted_people:
            yield f"{notice.case_id}: {notice.kind.value} told {sorted(notice.recipients)}"


def _wanted(quarter: Quarter, person: Person, one: Instruction) -> Iterator[RungKind]:
    """Return the alerts of one instruction over the quarter, from its manner."""
    asked = quarter.asked[one.case_id, one.number]
    last_day = quarter.today
    due = due_on(asked)
    settled = asked.proved_on or (asked.done[-1][0] if asked.manner is Manner.CANNOT and asked.done else None)
    doubtful = _doubted(quarter, person, asked)
    yield from [RungKind.PROCESSOR_ANSWER_DOUBTFUL] * doubtful
    until = min(one for one in (settled, _questioned_on(asked), last_day + _DAY) if one)
    if until > due - 3 * _DAY and last_day >= due - 3 * _DAY:
        yield RungKind.PROCESSOR_DUE
    end = last_day if settled is None or stays_open(asked.manner, person.right) else settled - _DAY
    weeks = (end - (due + _DAY)).days // 7 if end > due else -1
    yield from [RungKind.PROCESSOR_OVERDUE] * (weeks + 1)
    if asked.done and asked.done[-1][0] > due:
        yield RungKind.PROCESSOR_ANSWERED_LATE


def _questioned_on(asked: Asked) -> date | None:
    return asked.done[-1][0] if asked.manner in {Manner.ZERO, Manner.CONTRADICTORY} and asked.done else None


def _doubted(quarter: Quarter, person: Person, asked: Asked) -> int:
    if not asked.done:
        return 0
    if person.right is Right.ACCESS:
        return int(asked.manner in {Manner.CANNOT, Manner.LATE, Manner.CONTRADICTORY})
    return int(asked.manner in {Manner.CANNOT, Manner.ZERO, Manner.CONTRADICTORY, Manner.FALSE})


def _mails(quarter: Quarter) -> Iterator[str]:
    for key, one in quarter.asked.items():
        if one.manner is not Manner.SILENT:
            continue
        due = due_on(one)
        late = [day for number in range(20) if (day := due + _DAY + number * _WEEK) <= quarter.today]
        wanted = [day for day in (due - 3 * _DAY, *late) if day <= quarter.today]
        if (found := quarter.mails[key, f"{one.processor}@example.net"]) != wanted:
            yield f"{key[0]}: {one.processor} was reminded on {found}, and not on {wanted}"
        if (found := quarter.mails[key, f"boss-{one.processor}@example.net"]) != late[1:]:
            yield f"{key[0]}: the management of {one.processor} was written to on {found}, and not on {late[1:]}"


def _scores(quarter: Quarter) -> Iterator[str]:
    app = current_app()
    everything = app.store.work.all_instructions()
    erasures = {one.case_id for one in quarter.people if one.right is Right.ERASURE}
    found = scorecard([one for one in everything if one.case_id in erasures], app.today, app.settings.controller.zone)
    for one in found:
        if (shown := manner_of(one)) is not quarter.world.manners[one.processor]:
            yield f"the scorecard shows {one.processor} as {shown.value}: {one}"
    if missing := set(quarter.world.manners) - {one.processor for one in found}:
        yield f"the scorecard has nothing on {sorted(missing)}"


def main() -> int:
    """Play the quarter and print the result; returns 1 if something was not as the manners say."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=12, help="requests")
    arguments.add_argument("--days", type=int, default=92, help="how long the quarter lasts")
    arguments.add_argument("--of-each", type=int, default=2, help="processors of each manner")
    given = arguments.parse_args()
    logging.disable(logging.WARNING)
    with TemporaryDirectory() as folder, world(Path(folder), given.of_each) as made:
        quarter = Quarter(made, list(people(given.cases, given.days)), given.days)
        quarter.live()
        findings = judge(quarter)
        say(head("processors", "cases", "days", "instructions", "answers", "mails", "alerts", "letters", "findings"))
        answers, mails = sum(len(one.done) for one in quarter.asked.values()), len(made.post.taken)
        figures = (len(made.manners), given.cases, given.days, len(quarter.asked), answers, mails)
        say(row(*figures, len(made.carrier.posted), len(quarter.letters), len(findings)), *findings)
    return int(bool(findings))


if __name__ == "__main__":
    sys.exit(main())
