"""How a session ended: what became of the cases, the systems and the calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.exceptions import PrefectException

from proofs.kills.session import Session
from tests.support.stack import Helpdesk

LONGEST: Final = 300.0
"""Seconds that all cases together may take after the last kill."""
SINGLE: Final = frozenset({"CaseAnswered", "Approved", "IdentityConfirmed", "CaseOpened", "LetterSent"})

Told = tuple[str, Counter[object], Counter[str], Counter[str]]
"""Of a case: the state and whether it is closed, what became of the records, the letters, the events that have to be
single."""


@dataclass(frozen=True)
class End:
    """The result of a session.

    Args:
        cases: By person, what is told of the case.
        changed: The records of the systems that are no longer what they were.
        doubled: Calls that changed something twice though they are not safe to repeat, and letters and events.
        still_open: How many cases are not closed.
        stuck: Where Prefect has the runs of these.
    """

    cases: Mapping[str, Told]
    changed: frozenset[str]
    doubled: int
    still_open: int
    stuck: tuple[str, ...] = ()

    def others(self, expected: End) -> list[str]:
        """What is otherwise: the cases whose end is another, and the records that one session changed alone.

        Args:
            expected: The end of a session that no one disturbed.
        """
        cases = {who: (end, self.cases.get(who)) for who, end in expected.cases.items()}
        ends = [f"{who}: {one} and not {other}" for who, (other, one) in cases.items() if one != other]
        return ends + [f"{key} changed in one session only" for key in sorted(self.changed ^ expected.changed)]


def end_of(session: Session) -> End:
    """Wait until all is closed, and read what there is.

    Args:
        session: The session.
    """
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
    """The states through which Prefect has a case's run."""
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
