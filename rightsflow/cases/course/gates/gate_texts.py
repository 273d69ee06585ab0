"""The texts of a gate, for a decision without personal data of the subject, with the notices that it causes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.gates.gates import GateView, reach_gate
from rightsflow.cases.facts.overview.account import RecordLine
from rightsflow.cases.facts.overview.case_sheet import read_overview
from rightsflow.cases.facts.overview.overview import CaseOverview
from rightsflow.cases.facts.overview.sheet_lines import (
    MAY_BE_TAKEN_IN,
    day,
    moment,
    numbered,
    record_list,
    search_lines,
    sent_lines,
    taken_in_lines,
)
from rightsflow.cases.work.processors.register import recipients_without_section
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Fate, Question
from rightsflow.domain.disclosure.texts import MASKED_WORDS
from rightsflow.domain.doubts import CARRIES, RecordDoubt
from rightsflow.domain.erasure.plan_groups import RUNS_ON, foretold, preflight
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.package_changes import is_taken_in
from rightsflow.domain.identifiers import kind_words
from rightsflow.domain.people import NO_ONE_SIGNED_IN
from rightsflow.domain.processors.instructions import action_under_hold, involved, kept_under_hold
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.rights import ERASING, Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.wording import counted, listed, sentence

_TOLD_OF = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.RESTRICTED, OutcomeKind.RECTIFIED})


def _others_told(app: App, case: CaseOverview) -> Iterator[str]:
    """Give a line for each of them, in Markdown; nothing where no one is told."""
    lines = [*_asked(app, case), *_notices(app, case)]
    if lines:
        yield ""
        yield "**Once you approve, others are told:**"
        yield ""
        yield from (f"- {line}" for line in lines)


def _asked(app: App, case: CaseOverview) -> Iterator[str]:
    counts = Counter(
        record.system
        for record in case.records
        if record.attribution is Attribution.SUBJECT and record.planned is not OutcomeKind.NOT_CONCERNED
    )
    for section in app.settings.asked.values():
        is_asked = involved(section.systems, counts) or section.role.is_colleague
        action = section.role.action(case.right)
        if not section.role.is_instructed or not is_asked:
            continue
        held = action_under_hold(action, case.holds, section.systems, section.categories)
        kept = [
            exclusion.category
            for exclusion in kept_under_hold(held, case.holds, section.systems, app.settings.controller.law)
        ]
        if held is not action:
            yield f"{section.name} keeps everything under the legal hold, and uses it for nothing else."
        elif kept:
            yield f"{section.name} is asked to {action.value}, and keeps under the legal hold: {listed(kept)}."
        else:
            yield f"{section.name} is asked to {action.value}."


def _notices(app: App, case: CaseOverview) -> Iterator[str]:
    """Yield the companies that get a notice of changes in records of the systems (Art. 19 GDPR)."""
    wanted = _TOLD_OF - {OutcomeKind.RESTRICTED} if case.right in ERASING else _TOLD_OF
    done = {record.system for record in case.records if record.planned in wanted}
    for section in app.settings.processors.values():
        if not section.role.is_instructed and done & set(section.systems):
            yield f"{section.name} gets a notice (Art. 19)."
    for system, names in recipients_without_section(app.systems, app.settings.processors).items():
        if system in done:
            yield f"{listed(names)}, by hand: no section of the register tells them (Art. 19)."


_ANSWERS: Final = {Right.OBJECTION: LetterId.OBJECTION_FOLLOWED, Right.CONSENT: LetterId.CONSENT_WITHDRAWN}
"""The letters of those rights that are followed even where nothing is held."""
_PLANNED = {
    OutcomeKind.ERASED: "Erase",
    OutcomeKind.REDACTED: "Remove only the person's part",
    OutcomeKind.RETAINED: "Keep",
    OutcomeKind.RESTRICTED: "Restrict",
    OutcomeKind.RECTIFIED: "Correct",
    OutcomeKind.UNRECTIFIED: "Leave, a person looks at it",
    OutcomeKind.NOT_CONCERNED: "Out of scope, no change",
    OutcomeKind.NOT_HELD: "Leave, not attributable",
    OutcomeKind.FAILED: "Cannot be done by the software",
}


def describe_gate(app: App, view: GateView) -> str:
    """Return the text of a gate, in Markdown."""
    return _gate_text(app, read_overview(app, view.case_id), view)


def awaited_gate(app: App, case: CaseOverview) -> str:
    """Return what a person needs for the decision that a case waits for, in Markdown; empty if it waits for none.

    Args:
        app: What it works with.
        case: The case at a glance, just read.
    """
    gate = _WAITED_AT.get(case.state)
    return _gate_text(app, case, reach_gate(app, case.case_id, gate)) if gate else ""


_WAITED_AT: Final = {CaseState.IDENTITY_PENDING: Gate.IDENTITY, CaseState.AWAITING_APPROVAL: Gate.APPROVAL}


def _gate_text(app: App, case: CaseOverview, view: GateView) -> str:
    """Return the text of a gate, in Markdown, of a case that was just read."""
    as_of = moment(app.now(), app.settings.controller.zone)
    return "\n".join(_lines(app, case, view, as_of))


def _lines(app: App, case: CaseOverview, view: GateView, as_of: str) -> Iterator[str]:
    yield from _desk(app, case, view)
    yield f"**{case.case_id}** · {case.right.value} request · opened by {case.opened_by}"
    yield ""
    work_to = f"Target date **{day(case.work_to_on)}**, s" if case.work_to_on != case.due_on else "S"
    yield f"{work_to}tatutory deadline {day(case.due_on)}. Dates as of {as_of}; the case sheet is current."
    yield ""
    for line in (*sent_lines(case.order, case.agent), *case.scope_lines):
        yield f"**{line}**\n"
    if proposal := next((decision for decision in case.decisions if decision.gate is Gate.DOSSIER), None):
        yield (
            f"**{proposal.by} proposes to refuse the request as manifestly unfounded or excessive (R2).** The dossier "
            f"is in the vault: `rightsflow show {case.case_id} --reveal`. If you agree, refuse with R2 and your "
            "reason; the details need not be given again."
        )
        yield ""
    if view.gate is Gate.IDENTITY:
        yield from _identity(app, case)
    elif view.is_nothing_held:
        yield from _nothing_held(app, case)
    elif case.right is Right.ACCESS:
        yield from _release(case)
        yield from _search(app, case)
    else:
        yield from _plan(app, case)
        yield from _search(app, case)


_WAITS: Final = {Gate.IDENTITY: "The check of identity", Gate.APPROVAL: "A decision"}


def _desk(app: App, case: CaseOverview, view: GateView) -> Iterator[str]:
    """Yield the link to the desk, where signed-in people decide."""
    if page := app.desk_page(case.case_id):
        yield f"**{_WAITS.get(view.gate, _WAITS[Gate.APPROVAL])} waits at the desk: [{case.case_id}]({page}).**"
        yield ""


def _identity(app: App, case: CaseOverview) -> Iterator[str]:
    given = ", ".join(counted(count, *kind_words(kind)) for kind, count in sorted(case.identifiers.items()))
    yield f"The request gives: {given}. The values are in the vault: `rightsflow show {case.case_id} --reveal`."
    yield ""
    if question := case.open_question:
        asked_on = day(app.day_of(question.at))
        yield f"{question.kind.happened} on {asked_on}; no answer is noted."
        yield ""
    yield (
        "Confirm that the requester is the person the data are about, and say what was done, when, and against which "
        "address or number that was on file before the request. Nothing is searched until identity is confirmed."
    )


def _nothing_held(app: App, case: CaseOverview) -> Iterator[str]:
    letter = _ANSWERS.get(case.right, LetterId.NOTHING_HELD)
    text = (
        "the controller gets a certificate that says so" if case.order else f"the person is told so (letter {letter})"
    )
    yield f"**The search found nothing.** If you approve, {text}."
    yield ""
    yield "How each system was searched:"
    yield ""
    yield from search_lines(app, case)
    yield ""
    yield (
        "Check whether each identifier is spelt as the person spells it, and whether a system should know them: "
        f"`rightsflow show {case.case_id} --reveal`. If something was corrected, order a new search."
    )
    yield ""
    yield _who_cannot_approve(case.opened_by)


def _who_cannot_approve(opened_by: str) -> str:
    if opened_by == NO_ONE_SIGNED_IN:
        return "No one was signed in when the request was opened; the approval notes that in the ledger."
    return f"{opened_by} opened the request and cannot approve (four eyes)."


def _release(case: CaseOverview) -> Iterator[str]:
    yield "**The package is ready. It holds:**"
    yield ""
    yield "| system | data | records | files beside them |"
    yield "|---|---|--:|--:|"
    copied = [line for line in case.records if line.fate is Fate.COPIED]
    for system, category in sorted({(line.system, line.category) for line in copied}):
        these = [line for line in copied if (line.system, line.category) == (system, category)]
        yield f"| {system} | {category} | {len(these)} | {sum(line.attachments for line in these) or '–'} |"
    if gone := sum(line.fate is Fate.GONE for line in case.records):
        yield ""
        found, several = (
            "record was gone from its system before it was",
            "records were gone from the systems before they were",
        )
        yield f"{counted(gone, found, several)} copied."
    yield ""
    words = ", ".join(
        counted(count, *MASKED_WORDS.get(what, (what, what))) for what, count in sorted(case.masked.items())
    )
    yield f"Masked because they are other people's (Art. 15(4)): {words or 'nothing'}."
    yield from taken_in_lines(case.records)
    yield from _unclear(case, f"Unclear records are left out, and the package says so. {MAY_BE_TAKEN_IN}")
    yield from _by_number(case)


def _plan(app: App, case: CaseOverview) -> Iterator[str]:
    # Lists, not a table: a terminal is narrow, and a table's last columns would be out of sight.
    yield f"**The plan for {counted(len(case.records), 'record')}:**"
    yield ""
    for outcome in OutcomeKind:
        lines = [line for line in case.records if line.planned is outcome]
        if lines:
            planned = _PLANNED.get(outcome, outcome.value)
            yield f"- **{planned}: {counted(len(lines), 'record')}.** {_by_system(lines)}"
            yield from _reasons(lines)
    yield ""
    yield from _questions(case)
    yield from _notes(case)
    yield from _runs_on(app, case)
    if case.right is Right.ERASURE or any(line.planned in _GONE for line in case.records):
        yield "An approved erasure cannot be undone."
    yield from _by_hand(app, case)
    yield from _others_told(app, case)
    yield from _unclear(case, _UNCORRECTED if case.right is Right.RECTIFICATION else _MAY_BE_THEIRS)
    yield from _by_number(case)


_GONE: Final = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED})
_MAY_BE_THEIRS: Final = "Tick the box below to treat unclear records as the person's, or decide on single ones."
_UNCORRECTED: Final = "Unclear records are not corrected, whatever is decided on them."


def _runs_on(app: App, case: CaseOverview) -> Iterator[str]:
    """Yield the dependencies of the records, so that an erasure does not end a service that the person still needs."""
    mine = [line for line in case.records if line.attribution is Attribution.SUBJECT]
    if problems := preflight((line, 1) for line in mine):
        yield "**Other processes depend on these records:**"
        yield ""
        yield from (f"- {runs_on.system}: {counted(runs_on.records, *RUNS_ON[runs_on.fact])}" for runs_on in problems)
        yield ""
    if case.right is Right.ERASURE and (meant := foretold(mine, app.profiles)):
        yield "**What it means for the person, as letters say it:**"
        yield ""
        yield from (f"- {text}" for text in meant)
        yield ""


_ASKED = {
    Question.NO_CLASS: (
        "State what they are in the decisions on single records below, such as `{kind}: class none`, `{kind}: class "
        "trade letter` or `3-7: class voucher`: the law may order to keep them."
    ),
    Question.HOLD: (
        "The legal hold names no category. Say of each below whether its claim needs it: `{kind}: needed`, or `{kind}: "
        "not needed`, which leaves it to the plan as without the hold."
    ),
    Question.NO_RULE: (
        "Decide on them below: `{kind}: keep | ground | provision | until 2034-12-31`, or `{kind}: erase`."
    ),
}


def _questions(case: CaseOverview) -> Iterator[str]:
    """Yield the questions to answer with the approval; without the answers it is not accepted."""
    for question, what in _ASKED.items():
        lines = [line for line in case.records if line.question is question]
        if lines:
            first = f"{lines[0].system} {lines[0].kind}"
            yield f"**Before you approve, {question.value}: {numbered(lines)}.** {_by_system(lines)}."
            yield what.format(kind=first)
            yield ""


def _notes(case: CaseOverview) -> Iterator[str]:
    notes: dict[str, list[RecordLine]] = {}
    for line in case.records:
        if line.note:
            notes.setdefault(line.note, []).append(line)
    for note, lines in notes.items():
        yield f"**Look at {'record' if len(lines) == 1 else 'records'} {numbered(lines)}:** {note}"
        yield ""


def _by_number(case: CaseOverview) -> Iterator[str]:
    yield ""
    yield "**The records by number**, for decisions on single ones:"
    yield ""
    yield from record_list(case.records)


def _search(app: App, case: CaseOverview) -> Iterator[str]:
    yield ""
    yield "**How each system was searched:**"
    yield ""
    yield from search_lines(app, case)


def _by_system(lines: Iterable[RecordLine]) -> str:
    counts: dict[str, Counter[str]] = {}
    for line in lines:
        counts.setdefault(line.system, Counter())[line.category] += 1
    return "; ".join(
        f"{system}: " + ", ".join(f"{category} ({count:,})" for category, count in sorted(found.items()))
        for system, found in sorted(counts.items())
    )


def _reasons(lines: Iterable[RecordLine]) -> Iterator[str]:
    """Yield the reasons with their end dates, once per reason."""
    groups: dict[tuple[str, str], list[RecordLine]] = {}
    for line in lines:
        if line.reason:
            groups.setdefault((line.reason, line.legal_basis), []).append(line)
    for (reason, basis), records in groups.items():
        days = sorted({line.until for line in records if line.until})
        provision = f" Provision: {sentence(basis)}" if basis else ""
        yield f"    - {counted(len(records), 'record')} ({numbered(records)}): “{reason}”{_until(days)}{provision}"


def _until(days: Sequence[date]) -> str:
    """Return the end of retention of records that end on these days, the earliest first."""
    if not days:
        return ""
    first, last = f"{days[0]:%d %b %Y}", f"{days[-1]:%d %b %Y}"
    return (
        f" Kept until {first}." if first == last else f" Kept until {first} at the earliest and {last} at the latest."
    )


def _unclear(case: CaseOverview, what: str) -> Iterator[str]:
    unclear = [line for line in case.records if line.attribution is Attribution.UNCLEAR and not is_taken_in(line)]
    alone = [line for line in unclear if not line.names_person]
    bare = len(alone)
    if bare:
        yield ""
        yield (
            f"**{counted(bare, 'record is', 'records are')} unclear** ({numbered(alone)}): no one is named "
            f"there except by a number that several people used. {what}"
        )
    for doubt in RecordDoubt:
        these = [line for line in unclear if line.doubt is doubt and line.names_person]
        if these:
            yield ""
            yield (
                f"**{counted(len(these), 'record carries', 'records carry')} {CARRIES[doubt]}** ({numbered(these)}). "
                f"{_what_comes(doubt, case.right)}"
            )


def _what_comes(doubt: RecordDoubt, right: Right) -> str:
    """Return the fate of records that are in doubt for more than a number, and an officer's options."""
    if right is Right.ACCESS and doubt.may_be_decided:
        return f"Such records are left out. {MAY_BE_TAKEN_IN}"
    if right in {Right.ACCESS, Right.RECTIFICATION} or not doubt.may_be_decided:
        what = "ask for what they carry and open a request with it"
        return f"Such records are not touched. If they are the person's, {what}."
    return (
        "Such records are not touched unless each is decided on by its number: look at it, and write `erase` if it is "
        "the person's."
    )


def _by_hand(app: App, case: CaseOverview) -> Iterator[str]:
    """Yield the manual steps at the systems whose interface does not allow them."""
    # Such a step belongs to an erasure: beside what is only marked or corrected it would take away what has to stay.
    is_erasure = case.right is Right.ERASURE
    concerned = {(line.system, line.kind) for line in case.records if is_erasure or line.planned in _GONE}
    steps = {
        (system, kind.manual_step): None
        for system, connector in app.connectors.items()
        for kind in connector.capabilities.kinds
        if kind.manual_step and (system, kind.name) in concerned
    }
    if steps:
        yield ""
        yield "**To be done by hand at the systems, since they offer no other way:**"
        yield ""
        yield from (f"- {system}: {what}" for system, what in steps)
