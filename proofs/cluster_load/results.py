"""Who asks, the result of the run as case store, Prefect and helpdesk have it, and what is counted from it."""

from __future__ import annotations

import csv
import io
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowFilter, FlowFilterName, FlowRunFilter, FlowRunFilterWorkQueueName
from prefect.client.schemas.objects import TaskRun
from prefect.client.schemas.sorting import TaskRunSort
from sqlalchemy import func, select

from flows.batches import BATCH_OF, IN_HAND
from flows.runs import PAGE, outcome_of
from flows.starting import BULK_QUEUE
from rightsflow.app import current_store
from rightsflow.audit.ledger import read_entry
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.states import SETTLED, CaseState
from rightsflow.store.tables import CaseRow, LedgerRow, LetterRow
from rightsflow_sandbox.world.model import Customer
from tests.support.identity import IMPORT_COLUMNS, as_cells

COLUMNS: Final = ("right", "email", "customer_id", "name", "received", "channel", *IMPORT_COLUMNS)
_DAYS: Final = 21
"""Over so many days the first file's requests came."""
_MOST_URGENT: Final = 4
"""So many days before these came those of the second file."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One request."""

    email: str
    customer_id: str
    received: date

    @property
    def is_customers(self) -> bool:
        return bool(self.customer_id)


def requests(cases: int, people: Sequence[Customer], today: date) -> tuple[list[Asking], list[Asking]]:
    """Return the requests of the two files; the days of the second are earlier than all of the first."""
    late = max(cases // 20, 1)
    some = people[:cases]
    # Spread over all of them, the urgent ones too.
    customers = {number * cases // len(some): person for number, person in enumerate(some)}
    asking = []
    for number in range(cases):
        is_late = number >= cases - late
        days = _DAYS + 1 + number % _MOST_URGENT if is_late else 1 + number * 8 % _DAYS
        person = customers.get(number)
        email, customer_id = (person.email, person.customer_id) if person else (f"nobody{number}@example.org", "")
        asking.append(Asking(email, customer_id, today - timedelta(days=days)))
    return asking[: cases - late], asking[cases - late :]


def as_file(asking: Sequence[Asking]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number, one in enumerate(asking):
        name, received = f"Person {number}", one.received.isoformat()
        check = as_cells(f"{received}T10:00", by="Ida Identity")
        writer.writerow(["access", one.email, one.customer_id, name, received, "web form", *check])
    return text.getvalue()


# Not all at once: of thousands of cases there are hundreds of thousands.
_ENTRIES = select(LedgerRow.chain, LedgerRow.body).execution_options(yield_per=2000)
_COPYING, _ONCE_MORE = frozenset({"extract", "redact"}), 2
_ENDS = frozenset({"Answered", "Nothing held"})
_ANSWERS = {CaseState.ANSWERED.value: "L9", CaseState.NOTHING_HELD.value: "L8"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One case at the end."""

    case_id: str
    state: str
    work_to_on: date
    received_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    created_at: datetime | None = None
    started_at: datetime | None = None


@dataclass
class Results:
    """Everything that was read."""

    cases: list[Seen]
    faults: list[str] = field(default_factory=list)
    runs: Counter[str] = field(default_factory=Counter)
    again: int = 0
    failed_on_the_way: int = 0


def _end_of(run: TaskRun) -> str:
    return outcome_of(run.state) if run.state else ""


def read_results(asked: Sequence[Asking]) -> Results:
    """Read what became of the requests."""
    runs: dict[str, list[TaskRun]] = {}
    for run in _runs():
        runs.setdefault(run.name, []).append(run)
    for several in runs.values():
        several.sort(key=lambda run: str(run.expected_start_time))
    results = Results(_cases(runs))
    results.runs = Counter(_end_of(several[-1]) for several in runs.values())
    results.again = sum(len(several) - 1 for several in runs.values())
    _check_ends(results, asked)
    _check_letters(results)
    _check_runs(results, runs)
    _check_steps(results)
    return results


def _cases(runs: dict[str, list[TaskRun]]) -> list[Seen]:
    columns = ("id", "state", "work_to_on", "received_at", "opened_at", "state_since")
    with current_store().database.reading() as session:
        rows = session.execute(select(*(getattr(CaseRow, name) for name in columns)).where(CaseRow.in_bulk)).all()
    first = {name: several[0] for name, several in runs.items()}
    return [
        Seen(
            case_id=row.id,
            state=row.state,
            work_to_on=row.work_to_on,
            received_at=row.received_at,
            opened_at=row.opened_at,
            closed_at=row.state_since if CaseState(row.state).is_settled else None,
            created_at=run.expected_start_time if (run := first.get(row.id)) else None,
            started_at=run.start_time if run else None,
        )
        for row in rows
    ]


def _check_ends(results: Results, asked: Sequence[Asking]) -> None:
    store, ended = current_store(), {case.case_id: case.state for case in results.cases}
    if len(ended) != len(asked):
        results.faults.append(f"{len(asked)} requests were imported, and there are {len(ended)} cases.")
    wrong: Counter[str] = Counter()
    for one in asked:
        wanted = CaseState.ANSWERED.value if one.is_customers else CaseState.NOTHING_HELD.value
        for case_id in store.cases_of(frozenset({identifier(IdentifierKind.EMAIL, one.email)})):
            if ended.get(case_id) != wanted:
                wrong[f"{ended.get(case_id)} in place of {wanted}"] += 1
    results.faults += [f"{number} cases are {what}." for what, number in wrong.items()]


def _check_letters(results: Results) -> None:
    with current_store().database.reading() as session:
        query = select(LetterRow.case_id, LetterRow.template_id).where(LetterRow.template_id.in_(_ANSWERS.values()))
        letters: dict[str, list[str]] = {}
        for case_id, template in session.execute(query):
            letters.setdefault(case_id, []).append(template)
    wrong = sum(letters.get(case.case_id, []) != [_ANSWERS.get(case.state)] for case in results.cases)
    if wrong:
        results.faults.append(f"{wrong} cases have not exactly one answer letter of the right kind.")


def _check_runs(results: Results, runs: dict[str, list[TaskRun]]) -> None:
    wrong = sum(case.case_id not in runs for case in results.cases)
    if wrong:
        results.faults.append(f"{wrong} cases have no task run.")
    others = {name: number for name, number in results.runs.items() if name not in _ENDS}
    # Of what a killed worker was doing, it told the server nothing more; the case store has it.
    if sum(others.values()) > IN_HAND:
        results.faults.append(f"Batches did not leave the cases as they ended: {others}.")


def _check_steps(results: Results) -> None:
    """Check that each step is done once, and the search once for each of its rounds, which `resolve` ends.

    Copies that a killed worker had in its memory are made once more, of no more cases than it was working on.
    """
    done: dict[str, Counter[tuple[str, str]]] = {}
    with current_store().database.reading() as session:
        for chain, body in session.execute(_ENTRIES):
            entry = read_entry(body)
            results.failed_on_the_way += entry.event == "StepFailed"
            if entry.event == "StepDone":
                done.setdefault(chain, Counter())[str(entry.details["step"]), str(entry.details["system"])] += 1
    wrong: Counter[str] = Counter()
    copied_again: set[str] = set()
    for chain, steps in done.items():
        rounds = steps["resolve", ""]
        for (step, _), times in steps.items():
            if step in _COPYING and times == _ONCE_MORE:
                copied_again.add(chain)
            else:
                wrong[step] += times != (rounds if step in {"locate", "resolve"} else 1)
    wrong["extract"] += len(copied_again) if len(copied_again) > IN_HAND else 0
    if wrong.total():
        results.faults.append(f"Steps are noted as done more than once: {dict(+wrong)}.")


def closed_so_far() -> int:
    settled = CaseRow.state.in_(sorted(SETTLED))
    query = select(func.count()).select_from(CaseRow).where(CaseRow.in_bulk, settled)
    with current_store().database.reading() as session:
        return session.scalars(query).one()


def runs_are_over() -> bool:
    queue = FlowRunFilter(work_queue_name=FlowRunFilterWorkQueueName(any_=[BULK_QUEUE]))
    with get_client(sync_client=True) as client:
        return all(
            run.state is not None and run.state.is_final() for run in client.read_flow_runs(flow_run_filter=queue)
        )


def _runs() -> Iterator[TaskRun]:
    batches = FlowFilter(name=FlowFilterName(any_=sorted({batch.name for batch in BATCH_OF.values()})))
    with get_client(sync_client=True) as client:
        offset = 0
        while page := client.read_task_runs(flow_filter=batches, sort=TaskRunSort.ID_DESC, limit=PAGE, offset=offset):
            yield from page
            offset += PAGE


def longest_gap(cases: Sequence[Seen], began_at: datetime, ended_at: datetime) -> float:
    closed = sorted(case.closed_at for case in cases if case.closed_at)
    inside = closed[bisect_left(closed, began_at) : bisect_right(closed, ended_at) + 1]
    return max(
        (later - sooner).total_seconds() for sooner, later in zip([began_at, *inside], [*inside, ended_at], strict=True)
    )


@dataclass(frozen=True, slots=True)
class Overtaking:
    """How the second file went."""

    cases: int
    seconds: float
    others: int
    others_handed: int


def overtaking(cases: Sequence[Seen], began_at: datetime) -> Overtaking:
    late = [case for case in cases if case.opened_at >= began_at]
    known_at = max(case.opened_at for case in late)
    last = max(case.started_at for case in late if case.started_at)
    others = [case for case in cases if case.opened_at < began_at and case.started_at]
    meanwhile = [case for case in others if case.started_at and known_at < case.started_at < last]
    handed = sum(bool(case.created_at and case.created_at > known_at) for case in meanwhile)
    return Overtaking(len(late), (last - known_at).total_seconds(), len(meanwhile), handed)
