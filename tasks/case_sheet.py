"""The case sheet: one artifact per case in Prefect's UI, kept current. No personal data of the subject."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactUpdate
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, ArtifactFilterKey
from prefect.runtime import flow_run

from rightsflow.case import CaseState
from rightsflow.overview import CaseOverview, Light, overview
from rightsflow.records import OutcomeKind
from rightsflow.request import Right
from rightsflow.store.steps import Step, StepState
from tasks.runtime import runtime

_LIGHTS = {Light.GREEN: "🟢 in time", Light.AMBER: "🟡 soon due", Light.RED: "🔴 pressing", Light.CLOSED: "✅ closed"}
_STEPS = {StepState.DONE: "✅ done", StepState.FAILED: "❌ failed", StepState.RUNNING: "⏳ running"}


def read_overview(case_id: str) -> CaseOverview:
    """The case at a glance.

    Raises:
        BadInput: There is no such case.
    """
    current = runtime()
    with current.store.case_file(case_id) as file:
        return overview(file, current.today)


def update_case_sheet(case_id: str) -> None:
    """Keep the case's sheet current: one artifact per run, under the case id's key."""
    sheet = render_sheet(read_overview(case_id), runtime().settings.controller.zone)
    written = _sheet_of_this_run(case_id)
    if written is None:
        create_markdown_artifact(sheet, key=case_id.lower(), description=f"Case sheet of {case_id}")
        return
    with get_client(sync_client=True) as client:
        client.update_artifact(written, ArtifactUpdate(data=sheet))


def _sheet_of_this_run(case_id: str) -> UUID | None:
    """The sheet this run wrote already; a sheet of an earlier run stays that run's last word."""
    run_id = flow_run.get_id()
    if run_id is None:
        return None
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(
            artifact_filter=ArtifactFilter(
                key=ArtifactFilterKey(any_=[case_id.lower()]),
                flow_run_id=ArtifactFilterFlowRunId(any_=[UUID(run_id)]),
            )
        )
    return found[0].id if found else None


def render_sheet(case: CaseOverview, zone: ZoneInfo) -> str:
    """The sheet as Markdown; times in the controller's zone."""
    return "\n".join(_lines(case, zone)) + "\n"


def _lines(case: CaseOverview, zone: ZoneInfo) -> Iterator[str]:
    yield f"# {case.case_id}: {case.right.value} request"
    yield ""
    yield f"**{_LIGHTS[case.light]}** · state **{case.state.value}** · owner **{case.owner}**"
    yield ""
    yield f"**Next:** {case.next_action}"
    yield ""
    yield from _dates(case, zone)
    yield from _steps(case)
    yield from _outcomes(case)
    yield from _decisions(case, zone)
    if case.letters:
        yield f"**Letters written:** {', '.join(case.letters)}"


def _dates(case: CaseOverview, zone: ZoneInfo) -> Iterator[str]:
    yield "## Deadline"
    yield ""
    yield "| received | work to | due at the latest | closed |"
    yield "|---|---|---|---|"
    closed = _moment(case.closed_at, zone) if case.closed_at else "open"
    yield f"| {_moment(case.received_at, zone)} | **{_day(case.work_to_on)}** | {_day(case.due_on)} | {closed} |"
    yield ""
    yield f"_{case.explanation}_"
    yield ""


def _steps(case: CaseOverview) -> Iterator[str]:
    if not case.steps:
        return
    yield "## Steps"
    yield ""
    yield "| step | system | state | result | attempts |"
    yield "|---|---|---|---|---|"
    for step in case.steps:
        yield f"| {step.step} | {step.system or '–'} | {_STEPS[step.state]} | {_result(step)} | {step.attempts} |"
    yield ""


def _result(step: Step) -> str:
    if step.error:
        return step.error.replace("|", "/")
    return ", ".join(f"{count} {word}" for word, count in step.counts.items() if count) or "nothing"


def _outcomes(case: CaseOverview) -> Iterator[str]:
    if not case.records:
        return
    yield "## Records and their outcomes"
    yield ""
    yield "| system | category | outcome | records |"
    yield "|---|---|---|--:|"
    for (system, category, outcome), count in sorted(case.outcomes().items()):
        yield f"| {system} | {category} | {_outcome_word(outcome, case)} | {count} |"
    yield ""
    yield from _kept(case)


def _outcome_word(outcome: str, case: CaseOverview) -> str:
    if outcome != "open":
        return outcome
    if case.right is Right.ERASURE:
        return "not planned yet"
    return "given" if case.state is CaseState.ANSWERED else "located"


def _kept(case: CaseOverview) -> Iterator[str]:
    kept = [line for line in case.records if line.outcome is OutcomeKind.RETAINED]
    if not kept:
        return
    yield "### Kept, and why"
    yield ""
    yield "| system | category | records | until | legal basis | reason |"
    yield "|---|---|--:|---|---|---|"
    groups: dict[tuple[str, str, str, str, str], int] = {}
    for line in kept:
        until = _day(line.until) if line.until else "open"
        group = (line.system, line.category, until, line.legal_basis, line.reason)
        groups[group] = groups.get(group, 0) + 1
    for (system, category, until, basis, reason), count in sorted(groups.items()):
        yield f"| {system} | {category} | {count} | {until} | {basis} | {reason} |"
    yield ""


def _decisions(case: CaseOverview, zone: ZoneInfo) -> Iterator[str]:
    if not case.decisions:
        return
    yield "## Decisions"
    yield ""
    yield "| gate | decision | by | when |"
    yield "|---|---|---|---|"
    for one in case.decisions:
        when = _moment(one.decided_at, zone) if one.decided_at else ""
        yield f"| {one.gate.value} | {one.verdict.value} {one.code} | {one.by} | {when} |"
    yield ""


def _day(day: date) -> str:
    return f"{day:%a %d %b %Y}"


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%a %d %b %Y, %H:%M}"
