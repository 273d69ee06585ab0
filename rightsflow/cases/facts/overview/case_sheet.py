"""The case sheet: where a case stands, as Markdown. No personal data of the subject."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import RecordLine
from rightsflow.cases.facts.overview.overview import CaseOverview, overview
from rightsflow.cases.facts.overview.sheet_lines import (
    clock_lines,
    day,
    moment,
    numbered,
    record_list,
    search_lines,
    sent_lines,
    step_result,
)
from rightsflow.cases.facts.overview.timeline import overtaken
from rightsflow.cases.facts.people import Duty
from rightsflow.domain.board import Light, light, status_label
from rightsflow.domain.case.findings import grounds
from rightsflow.domain.gates.identity import on_file
from rightsflow.domain.languages import LanguageSource
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import kind_of_letter
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState, StepState
from rightsflow.domain.wording import counted
from rightsflow.store import CaseFile
from rightsflow.store.case.outbox import LetterLine

_SIGNS = {Light.GREEN: "🟢", Light.AMBER: "🟡", Light.RED: "🔴", Light.CLOSED: "✅"}
_STEPS = {StepState.DONE: "✅ done", StepState.FAILED: "❌ failed", StepState.RUNNING: "⏳ running"}
LANGUAGES = {
    LanguageSource.REQUEST: "as the request says",
    LanguageSource.RECORD: "as the customer records have it on file",
    LanguageSource.COUNTRY: "that of the country",
    LanguageSource.OPENING: "as noted when the case was opened",
    None: "not known",
}
"""The sources of the person's language; the language itself appears in the letters."""


def read_overview(app: App, case_id: str, *, in_sum: bool = False) -> CaseOverview:
    """Read a case with all its records, or with their sums.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(case_id) as file:
        return overview(file, app.present, app.capabilities, in_sum=in_sum)


def labels_of(file: CaseFile, app: App) -> set[str]:
    """Return the tags of a case's run: the right, the traffic light, the systems that were asked, and the outcome.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    shown = light(file.work_to_on, file.due_on, app.today, closed=file.is_closed, refused=file.is_refused)
    return _labels(file.right, shown, file.state, app)


def labels_in(case: CaseOverview, app: App) -> set[str]:
    """Return the tags of a case's run from an overview that was read already.

    Args:
        case: The case at a glance.
        app: What it works with.
    """
    return _labels(case.right, case.light, case.state, app)


def _labels(right: Right, shown: Light, state: CaseState, app: App) -> set[str]:
    outcome = {state.value.replace(" ", "-")} if state.is_settled else set()
    return {right.value, shown.value, *app.connectors} | outcome


def render_sheet(case: CaseOverview, app: App) -> str:
    """Render the sheet as Markdown; times in the controller's zone, owners by their names."""
    zone, today = app.settings.controller.zone, app.today
    law = app.settings.controller.law.name
    return "\n".join(_lines(app, case, zone, today, Duty(app.settings, today, case.absences), law)) + "\n"


def _lines(app: App, case: CaseOverview, zone: ZoneInfo, today: date, duty: Duty, law: str) -> Iterator[str]:
    yield f"# {case.case_id}: {case.right.value} request"
    yield ""
    # A sheet in Prefect's UI stays as it was written until the next one.
    yield f"_As of {moment(app.now(), zone)} ({zone})_"
    yield ""
    status = f"{_SIGNS[case.light]} {status_label(case.light, case.due_on, today)}"
    yield f"**{status}** · state **{case.state.value}** · owner **{duty.name(case.owner)}**"
    yield ""
    yield f"**Next:** {case.next_action}"
    yield ""
    if page := app.desk_page(case.case_id):
        yield f"**At the desk:** [{case.case_id}]({page})"
        yield ""
    for line in sent_lines(case.order, case.agent):
        yield f"{line}\n"
    yield from _started_again(case, zone)
    yield f"**Language of the person:** {LANGUAGES[case.language_source]}"
    yield ""
    if case.other_cases:
        yield f"**Other cases of this person:** {', '.join(case.other_cases)}"
        yield ""
    if case.perhaps_same:
        yield f"**Perhaps of the same person, which a person has to find out:** {', '.join(case.perhaps_same)}"
        yield ""
    yield from _dates(case, zone, law)
    yield from clock_lines(case, zone, today)
    yield from _steps(case)
    yield from _search(app, case)
    yield from _outcomes(case, law)
    yield from _decisions(case, zone)
    yield from _letters(case, zone)
    yield from _by_hand(case, today, duty)
    yield from _at_processors(case, zone)
    yield from _alerts(case, zone)
    yield from _handovers(case, zone)


def _started_again(case: CaseOverview, zone: ZoneInfo) -> Iterator[str]:
    """Yield the notice that a person removed the case's run, the last time: the case itself continues."""
    again = [entry for entry in case.ledger if entry.event == CaseEvent.RUN_STARTED_AGAIN]
    if again and case.closed_at is None:
        at, because = moment(again[-1].at, zone), again[-1].details["because"]
        yield f"**Run started again** {at}: it was {because}. The case goes on where it was."
        yield ""


def _dates(case: CaseOverview, zone: ZoneInfo, law: str) -> Iterator[str]:
    yield "## Deadline"
    yield ""
    yield "| received | target date | statutory deadline | closed |"
    yield "|---|---|---|---|"
    closed = moment(case.closed_at, zone) if case.closed_at else "open"
    yield f"| {moment(case.received_at, zone)} | **{day(case.work_to_on)}** | {day(case.due_on)} | {closed} |"
    yield ""
    yield f"_{case.explanation}_"
    yield ""
    if case.evidence_hold:
        until = day(case.evidence_hold.until) if case.evidence_hold.until else "that is lifted"
        yield f"**The evidence is held** until {until}, for a complaint or a claim (Art. 17(3)(e) {law})."
        yield ""


def _steps(case: CaseOverview) -> Iterator[str]:
    if not case.steps:
        return
    yield "## Steps"
    yield ""
    yield "| step | system | state | result | attempts |"
    yield "|---|---|---|---|---|"
    for step in case.steps:
        yield f"| {step.step} | {step.system or '–'} | {_STEPS[step.state]} | {step_result(step)} | {step.attempts} |"
    yield ""


def _search(app: App, case: CaseOverview) -> Iterator[str]:
    if not any(search.finished_at for search in case.searches):
        return
    yield "## How it was searched"
    yield ""
    yield from search_lines(app, case)
    yield ""


def _outcomes(case: CaseOverview, law: str) -> Iterator[str]:
    if not case.records:
        return
    yield "## Records and their outcomes"
    yield ""
    yield "| system | category | outcome | records |"
    yield "|---|---|---|--:|"
    for (system, category, fate), count in sorted(case.outcomes().items()):
        yield f"| {system} | {category} | {fate} | {count} |"
    yield ""
    if attachments := sum(line.attachments for line in case.records):
        yield f"In the package beside these records: {counted(attachments, 'file')}."
        yield ""
    yield from _kept(case, law)
    yield "### Records by number"
    yield ""
    yield from record_list(case.records)
    yield ""
    yield from _decided(case)


def _decided(case: CaseOverview) -> Iterator[str]:
    """Yield the decisions on single records, without grounds, which may name the person (``show --reveal``)."""
    groups: dict[tuple[str, str, str], list[RecordLine]] = {}
    for line in case.records:
        if line.decided is not None:
            until = day(line.decided.until) if line.decided.until else ""
            named = line.decided.document.value.replace("_", " ") if line.decided.document else ""
            act = f"{line.decided.act.value} {named}".strip()
            groups.setdefault((act, line.decided.provision, until), []).append(line)
    if not groups:
        return
    yield "### Decided on single records"
    yield ""
    yield "| decision | records | provision | until | by |"
    yield "|---|---|---|---|---|"
    for (act, provision, until), these in groups.items():
        by = these[0].decided.by if these[0].decided else ""
        yield f"| {act} | {numbered(these)} | {provision or '–'} | {until or '–'} | {by} |"
    yield ""


def _kept(case: CaseOverview, law: str) -> Iterator[str]:
    kept = [line for line in case.records if line.outcome is not None and line.fate.is_kept]
    if not kept:
        return
    yield "### Kept, and why"
    yield ""
    yield "| system | category | records | until | legal basis | reason, as the letter says it |"
    yield "|---|---|--:|---|---|---|"
    groups: dict[tuple[str, str, str, str, str], int] = {}
    for line in kept:
        # As the letter has it: nothing is kept without its provision and its end.
        basis, ends_when = grounds(line.fate, line.legal_basis, line.until, line.ends_when, law)
        until = ", ".join(filter(None, (day(line.until) if line.until else "", ends_when))) or "open"
        group = (line.system, line.category, until, basis, line.reason)
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
    for decision in case.decisions:
        when = moment(decision.decided_at, zone) if decision.decided_at else ""
        yield f"| {decision.gate.value} | {decision.verdict.value} {decision.code} | {decision.by} | {when} |"
    yield ""
    for item in case.decisions:
        if item.check:
            yield f"Identity: {item.method}, {moment(item.check.at, zone)}, {on_file(item.check)}."
            yield ""


def _letters(case: CaseOverview, zone: ZoneInfo) -> Iterator[str]:
    if not case.letters:
        return
    yield "## Letters"
    yield ""
    yield "| letter | written | gone out |"
    yield "|---|---|---|"
    for line in case.letters:
        sent = f"{moment(line.sent_at, zone)}, {line.sent_by}" if line.sent_at else _not_sent(case, line)
        yield f"| {line.template_id} {_letter_name(line)} | {moment(line.written_at, zone)} | {sent} |"
    yield ""


def _not_sent(case: CaseOverview, line: LetterLine) -> str:
    if why := overtaken(case.ledger).get(line.template_id):
        return f"not to be sent any more: {why}"
    for entry in case.ledger:
        if entry.event == CaseEvent.LETTER_NOT_MAILABLE and entry.details["letter"] == line.template_id:
            return "**the mail server refuses it: send it in another way**"
    return "not yet recorded"


def _letter_name(line: LetterLine) -> str:
    return kind_of_letter(line.template_id).name.lower().replace("_", " ")


def _by_hand(case: CaseOverview, today: date, duty: Duty) -> Iterator[str]:
    if not case.tasks:
        return
    yield "## Tasks by hand"
    yield ""
    yield "| task | system | what | due | owner | status |"
    yield "|--:|---|---|---|---|---|"
    for task in case.tasks:
        status = f"done on {day(task.done_on)}, {task.done_by}" if task.done_on else task.stands(today)
        what = task.what.replace("|", "/")
        yield f"| {task.number} | {task.system} | {what} | {day(task.due_on)} | {duty.name(task.owner)} | {status} |"
    yield ""


def _at_processors(case: CaseOverview, zone: ZoneInfo) -> Iterator[str]:
    if not case.instructions:
        return
    yield "## Processors"
    yield ""
    yield "| instruction | processor | sent | to be proved by | status |"
    yield "|--:|---|---|---|---|"
    for instruction in case.instructions:
        sent = moment(instruction.sent_at, zone) if instruction.sent_at else "no"
        answered = f", {day(instruction.last.on)}" if instruction.last else ""
        yield (
            f"| {instruction.number} | {instruction.called} | {sent} | {day(instruction.due_on)} | "
            f"{instruction.standing.value}{answered} |"
        )
    yield ""


def _alerts(case: CaseOverview, zone: ZoneInfo) -> Iterator[str]:
    if not case.alerts:
        return
    yield "## Alerts"
    yield ""
    yield "| raised | alert | told | acknowledged |"
    yield "|---|---|---|---|"
    for alert in case.alerts:
        taken = f"{alert.acknowledged_by}, {moment(alert.acknowledged_at, zone)}" if alert.acknowledged_at else ""
        if alert.ended_at:
            taken = f"{taken}; over" if taken else "over"
        recipients = ", ".join(alert.tell) if alert.posted_at else "not sent"
        yield f"| {moment(alert.raised_at, zone)} | {alert.kind.value}: {alert.text} | {recipients} | {taken} |"
    yield ""


def _handovers(case: CaseOverview, zone: ZoneInfo) -> Iterator[str]:
    if not case.handovers:
        return
    yield "## Changes of owner"
    yield ""
    yield "| when | from | to | by |"
    yield "|---|---|---|---|"
    for handover in case.handovers:
        yield f"| {moment(handover.at, zone)} | {handover.from_owner} | {handover.to_owner} | {handover.by} |"
    yield ""
