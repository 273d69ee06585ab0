"""The processor's time of each page of the desk with five hundred open cases, two of them of 2,000 records.

Run by hand: ``python -m benchmarks.desk_pages [cases] [sqlite|postgres]``. Every page that a person can open is asked
for in this process, as a browser asks for it; times are medians, in milliseconds of the processor, and multiples of the
plainest request in the same run. Exit status 1 if a page takes over 400, or half of the pages over 150.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

from sqlalchemy import insert

from deployments.desk.addresses import PREFIX
from deployments.desk.page import pages_of
from deployments.desk.pages import MODULES
from rightsflow.app import current_app
from rightsflow.cases.work.access.package import assemble_package
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import Store
from rightsflow.store.tables import AlertRow, CaseRow, CaseTaskRow, ClockEventRow, LetterRow
from rightsflow.testing.fakes import FakeRecord
from tests.integration.desk.cases import at_approval, read
from tests.support.bench import ANNA_PHONE, ANNA_PROFILE, Bench, running_bench
from tests.support.desk_client import Browser, DeskRig
from tests.support.peers.postgres import running_postgres
from tests.support.signing_in import Team

CASES: Final = 500
TICKETS: Final = 700
RECORDINGS: Final = 1_290
MOST_MILLISECONDS: Final = 400.0
MEDIAN_MILLISECONDS: Final = 150.0
_PLAIN: Final = "/session"
_TIMES: Final = 3
_DAY: Final = timedelta(days=1)
_STATES: Final = (
    CaseState.IDENTITY_PENDING,
    CaseState.IN_PROGRESS,
    CaseState.AWAITING_APPROVAL,
    CaseState.EXECUTING,
    CaseState.ANSWERED,
)
_OWNERS: Final = ("case_owner", "dpo", "olga")


def fill(store: Store, cases: int) -> None:
    """Insert open cases in all states, with their waiting work: letters, alerts, questions and tasks."""
    now = store.now()
    with store.database.transaction() as session:
        for row, values in (
            (CaseRow, [_case(number, now) for number in range(cases)]),
            (LetterRow, [_letter(number, now) for number in range(cases)]),
            (AlertRow, [_alert(number, now) for number in range(0, cases, 3)]),
            (ClockEventRow, [_question(number, now) for number in range(0, cases, 5)]),
            (CaseTaskRow, [_task(number, now) for number in range(0, cases, 4)]),
        ):
            session.execute(insert(row), values)


def _id(number: int) -> str:
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    tail = "".join(digits[number // 32**place % 32] for place in range(5, -1, -1))
    return f"DSR-2025-{tail}"


def _case(number: int, now: Any) -> dict[str, object]:
    work_to = now.date() + (number % 40 - 5) * _DAY
    return {
        "id": _id(number),
        "right": ("access", "erasure")[number % 2],
        "state": _STATES[number % len(_STATES)].value,
        "channel": "e-mail",
        "opened_by": "Olga Opener",
        "owner": _OWNERS[number % len(_OWNERS)],
        "received_at": now - 20 * _DAY,
        "opened_at": now - 20 * _DAY,
        "regime": "gdpr",
        "rule_version": "1",
        "due_on": work_to + 3 * _DAY,
        "due_at": now + 60 * _DAY,
        "safe_due_on": work_to,
        "work_to_on": work_to,
        "explanation": "",
        "wrapped_key": b"k" * 60,
        "state_since": now - 10 * _DAY,
        "holidays_version": "bench",
        "suspended_since": now - 3 * _DAY if number % 10 == 0 else None,
    }


def _letter(number: int, now: Any) -> dict[str, object]:
    return {
        "case_id": _id(number),
        "template_id": "L9" if _STATES[number % len(_STATES)].is_settled else "L1",
        "template_version": "2",
        "language": "en",
        "sealed_subject": b"s",
        "sealed_body": b"b",
        "variables_hash": "0" * 64,
        "written_at": now - 2 * _DAY,
        "sent_at": None,
    }


def _alert(number: int, now: Any) -> dict[str, object]:
    return {
        "case_id": _id(number),
        "kind": "due-soon",
        "key": "14/bench",
        "about_on": now.date(),
        "tell": ["owner"],
        "text": "14 days are left to the target date.",
        "raised_at": now - _DAY,
        "stage": "told",
        "recipients": ["person.case_owner"],
        "told": ["person.case_owner"],
        "posted_at": now - _DAY,
    }


def _question(number: int, now: Any) -> dict[str, object]:
    kind = ClockEventKind.IDENTITY_REQUESTED.value
    return {"case_id": _id(number), "kind": kind, "at": now - 3 * _DAY, "by": "Olga", "recorded_at": now}


def _task(number: int, now: Any) -> dict[str, object]:
    return {
        "case_id": _id(number),
        "number": 1,
        "kind": "manual step",
        "system": "helpdesk",
        "what": "Empty the log by hand.",
        "records": 1,
        "due_on": now.date() + 3 * _DAY,
        "owner": _OWNERS[number % len(_OWNERS)],
        "check_first": False,
        "noted_at": now,
    }


def paths(cases: dict[str, str]) -> Iterator[str]:
    """Return every page that a signed-in person can open, as an address below the desk's."""
    for page in pages_of(MODULES):
        path = page.path.removeprefix(PREFIX)
        if "{case_id}" in path:
            yield from (path.format(case_id=case, letter="L1", **_OTHERS) for case in cases.values())
        elif "{" not in path:
            yield path
    yield "/?whose=mine"
    yield "/cases?state=awaiting+approval&light=due+soon"


_OTHERS: Final = {
    "reading": "0" * 32,
    "system": "helpdesk",
    "number": "1",
    "group": "1",
    "record": "1",
    "link": "0" * 43,
}


def measured(browser: Browser, path: str) -> tuple[int, float]:
    """Return a page's status, and the processor's time for it in milliseconds."""
    took, status = [], 0
    for _ in range(_TIMES):
        began = time.process_time()
        status = browser.get(path).status_code
        took.append(time.process_time() - began)
    return status, median(took) * 1000


def of_many_records(bench: Bench) -> str:
    """Make an erasure of thousands of records that waits for its approval."""
    tickets = (
        FakeRecord(kind="ticket", key=f"x{n}", profile="u1", texts=((ANNA_PROFILE, ""),)) for n in range(TICKETS)
    )
    texts = ((frozenset({ANNA_PHONE}), "call"),)
    calls = (FakeRecord(kind="recording", key=f"x{n}", texts=texts, audio=b"RIFF") for n in range(RECORDINGS))
    bench.systems["helpdesk"].add(*tickets)
    bench.systems["calls"].add(*calls)
    return at_approval(bench, "erasure")


@contextmanager
def _bench(kind: str) -> Iterator[Bench]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = ""
        if kind == "postgres":
            server = stack.enter_context(running_postgres())
            url = stack.enter_context(server.database()).url
        yield stack.enter_context(running_bench(folder, url))


def main(arguments: list[str]) -> int:
    """Measure and print; returns the exit status."""
    count = int(arguments[0]) if arguments else CASES
    with _bench(arguments[1] if arguments[1:] else "sqlite") as bench:
        # Both of the same person, with the same records.
        cases = {"erasure": of_many_records(bench), "access": at_approval(bench, "access")}
        fill(bench.runtime.store, count)
        rig = DeskRig(bench, Team(bench))
        browsers = [rig.browser(key) for key in ("olga", "dana", "ada")]
        _, plain = measured(browsers[0], _PLAIN)
        found = []
        for path in sorted({*paths(cases), *_readings(browsers[1], cases["access"])}):
            status, took = max((measured(one, path) for one in browsers), key=lambda one: one[1])
            found.append(took)
            sys.stdout.write(f"{took:8.1f} ms  {took / plain:6.1f}  {status}  {path}\n")
    sys.stdout.write(f"median {median(found):.1f} ms, most {max(found):.1f} ms, plain request {plain:.1f} ms\n")
    return int(max(found) > MOST_MILLISECONDS or median(found) > MEDIAN_MILLISECONDS)


def _readings(browser: Browser, case_id: str) -> list[str]:
    """Return the pages of a package that is read, which only an approver's reading opens."""
    assemble_package(current_app(), case_id)
    here = read(browser, case_id)
    return [here, f"{here}?page=40", f"{here}/release", f"{here}/records/1"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
