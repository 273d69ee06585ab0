"""The result of the run, read from the case store, from Prefect and from the helpdesk's own log."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowFilter, FlowFilterName, FlowRunFilter, FlowRunFilterWorkQueueName
from prefect.client.schemas.objects import TaskRun
from prefect.client.schemas.sorting import TaskRunSort
from sqlalchemy import func, select

from flows.batches import BATCH_OF, IN_HAND
from flows.runs import PAGE
from flows.starting import BULK_QUEUE
from proofs.cluster_load.requests import Asking
from rightsflow.app import current_store
from rightsflow.audit.ledger import read_entry
from rightsflow.domain.case.states import SETTLED, CaseState
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.store.tables import CaseRow, LedgerRow, LetterRow

# Not all at once: of thousands of cases there are hundreds of thousands.
_ENTRIES = select(LedgerRow.chain, LedgerRow.body).execution_options(yield_per=2000)
_COPYING, _ONCE_MORE = frozenset({"extract", "redact"}), 2
_ENDS = frozenset({"Answered", "Nothing held"})
_ANSWERS = {CaseState.ANSWERED.value: "L9", CaseState.NOTHING_HELD.value: "L8"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One case at the end.

    Args:
        case_id: The case.
        state: How it ended.
        work_to_on: The date to work to.
        received_at: When the request came.
        opened_at: When it was imported.
        closed_at: When its answer was written.
        created_at: When a batch first took it.
        started_at: When it was first worked on.
    """

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
    """Everything that was read.

    Args:
        cases: The cases.
        faults: What is not as it has to be, in sentences.
        runs: In which states the batches left the cases at last, by name.
        again: How often a case was worked on again, after a gate, an outage or a wait.
        failed_on_the_way: How many attempts at steps failed and were made good later.
    """

    cases: list[Seen]
    faults: list[str] = field(default_factory=list)
    runs: Counter[str] = field(default_factory=Counter)
    again: int = 0
    failed_on_the_way: int = 0


def read_results(asked: Sequence[Asking]) -> Results:
    """Read what became of the requests.

    Args:
        asked: The requests.
    """
    runs: dict[str, list[TaskRun]] = {}
    for run in _runs():
        runs.setdefault(run.name, []).append(run)
    for several in runs.values():
        several.sort(key=lambda run: str(run.expected_start_time))
    results = Results(_cases(runs))
    results.runs = Counter(several[-1].state_name or "" for several in runs.values())
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
        for case_id in store.cases_of(_identifiers(one)):
            if ended.get(case_id) != wanted:
                wrong[f"{ended.get(case_id)} in place of {wanted}"] += 1
    results.faults += [f"{number} cases are {what}." for what, number in wrong.items()]


def _identifiers(one: Asking) -> Identifiers:
    return frozenset({identifier(IdentifierKind.EMAIL, one.email)})


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
    """Each step is noted as done once, and the search once for each of its rounds, of which `resolve` is the end.

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


def write_down(cases: Sequence[Seen], file: Path) -> None:
    """Keep what was read of each case, to look into it afterwards.

    Args:
        cases: The cases.
        file: Where to.
    """
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(Seen.__dataclass_fields__)
        writer.writerows([getattr(case, name) for name in Seen.__dataclass_fields__] for case in cases)


def closed_so_far() -> int:
    """How many imported cases are answered, but for the sending, which is not done here."""
    settled = CaseRow.state.in_(sorted(SETTLED))
    query = select(func.count()).select_from(CaseRow).where(CaseRow.in_bulk, settled)
    with current_store().database.reading() as session:
        return session.scalars(query).one()


def runs_are_over() -> bool:
    """Whether each batch has ended."""
    queue = FlowRunFilter(work_queue_name=FlowRunFilterWorkQueueName(any_=[BULK_QUEUE]))
    with get_client(sync_client=True) as client:
        return all(
            run.state is not None and run.state.is_final() for run in client.read_flow_runs(flow_run_filter=queue)
        )


def _runs() -> Iterator[TaskRun]:
    """The task runs of the cases."""
    batches = FlowFilter(name=FlowFilterName(any_=sorted({batch.name for batch in BATCH_OF.values()})))
    with get_client(sync_client=True) as client:
        offset = 0
        while page := client.read_task_runs(flow_filter=batches, sort=TaskRunSort.ID_DESC, limit=PAGE, offset=offset):
            yield from page
            offset += PAGE
