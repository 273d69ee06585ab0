"""What a gate's form shows: enough to decide on, without personal data of the subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rightsflow.attribution import Attribution
from rightsflow.gates import Gate
from rightsflow.overview import CaseOverview, RecordLine
from rightsflow.request import Right
from tasks.case_sheet import read_overview
from tasks.gates import GateView
from tasks.runtime import runtime


def describe_gate(case_id: str, gate: Gate, view: GateView) -> str:
    """The form's text, in Markdown."""
    case = read_overview(case_id)
    return "\n".join(_lines(case, gate, view))


def _lines(case: CaseOverview, gate: Gate, view: GateView) -> Iterator[str]:
    if view.objection:
        yield f"**Your last answer was not accepted:** {view.objection}"
        yield ""
    yield f"**{case.case_id}** · {case.right.value} request · opened by {case.opened_by}"
    yield ""
    yield f"Work to **{case.work_to_on:%a %d %b %Y}**, due at the latest {case.due_on:%a %d %b %Y}."
    yield ""
    if gate is Gate.IDENTITY:
        yield from _identity(case)
    elif case.right is Right.ACCESS:
        yield from _release(case)
    else:
        yield from _plan(case)


def _identity(case: CaseOverview) -> Iterator[str]:
    given = ", ".join(f"{count} × {kind.replace('_', ' ')}" for kind, count in sorted(case.identifiers.items()))
    yield f"The request gives: {given}. The values are in the vault: `rightsflow show {case.case_id} --reveal`."
    yield ""
    yield "Confirm that the requester is the person the data are about. Nothing is searched before."


def _release(case: CaseOverview) -> Iterator[str]:
    yield "**The package is ready. It holds:**"
    yield ""
    yield "| system | data | parts |"
    yield "|---|---|--:|"
    for step in case.steps:
        if step.step == "extract":
            for category, count in sorted(step.counts.items()):
                yield f"| {step.system} | {category} | {count} |"
    yield ""
    masked = Counter[str]()
    for step in case.steps:
        if step.step == "redact":
            masked.update(step.counts)
    words = ", ".join(f"{count} × {what}" for what, count in sorted(masked.items()))
    yield f"Masked because they are other people's (Art. 15(4)): {words or 'nothing'}."
    yield from _unclear(case, "They are left out, and the package says so.")


def _plan(case: CaseOverview) -> Iterator[str]:
    yield "**The plan, per system:**"
    yield ""
    yield "| system | data | what is planned | records | until | why |"
    yield "|---|---|---|--:|---|---|"
    groups = Counter(_group(line) for line in case.records)
    for (system, category, planned, until, why), count in sorted(groups.items()):
        yield f"| {system} | {category} | {planned} | {count} | {until} | {why} |"
    yield ""
    yield "An approved erasure cannot be undone."
    yield from _by_hand(case)
    yield from _unclear(case, "Tick the box below to treat them as the person's.")


def _group(line: RecordLine) -> tuple[str, str, str, str, str]:
    planned = line.planned.value if line.planned else "open"
    why = " ".join(part for part in (line.reason, f"({line.legal_basis})" if line.legal_basis else "") if part)
    return line.system, line.category, planned, f"{line.until:%d %b %Y}" if line.until else "", why


def _unclear(case: CaseOverview, what: str) -> Iterator[str]:
    unclear = sum(line.attribution is Attribution.UNCLEAR for line in case.records)
    if unclear:
        yield ""
        yield f"**{unclear} records are unclear:** they carry only a number that several people used in turn. {what}"


def _by_hand(case: CaseOverview) -> Iterator[str]:
    """What a person has to do at the systems because no interface allows it."""
    concerned = {(line.system, line.kind) for line in case.records}
    steps = {
        (system, kind.manual_step): None
        for system, connector in runtime().connectors.items()
        for kind in connector.capabilities.kinds
        if kind.manual_step and (system, kind.name) in concerned
    }
    if steps:
        yield ""
        yield "**To be done by hand, since the systems offer no way:**"
        yield ""
        yield from (f"- {system}: {what}" for system, what in steps)
