"""The notices to processors, colleagues and recipients that a plan's approval causes, for the approver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.overview import CaseOverview
from rightsflow.cases.work.processors.register import recipients_without_section
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.processors.instructions import action_under_hold, involved, kept_under_hold
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.rights import ERASING
from rightsflow.domain.wording import listed

_TOLD_OF = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.RESTRICTED, OutcomeKind.RECTIFIED})


def others_told(app: App, case: CaseOverview) -> Iterator[str]:
    """Give a line for each of them, in Markdown; nothing where no one is told.

    Args:
        app: What it works with.
        case: The case at a glance.
    """
    lines = [*_asked(app, case), *_notices(app, case)]
    if lines:
        yield ""
        yield "**Once you approve, others are told:**"
        yield ""
        yield from (f"- {line}" for line in lines)


def _asked(app: App, case: CaseOverview) -> Iterator[str]:
    found = Counter(
        record.system
        for record in case.records
        if record.attribution is Attribution.SUBJECT and record.planned is not OutcomeKind.NOT_CONCERNED
    )
    for section in app.settings.asked.values():
        is_asked = involved(section.systems, found) or section.role.is_colleague
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
