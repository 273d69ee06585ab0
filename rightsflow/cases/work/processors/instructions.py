"""Instructions of a case: the processors and owners of systems that it concerns, and the content for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import RecordLine, account_of
from rightsflow.cases.facts.overview.personal_data import narrowing_of
from rightsflow.cases.step.attempt import attempt_at_once
from rightsflow.config.sections.processor_settings import ByHandSettings, ProcessorSettings
from rightsflow.documents.instruction_letter import instruction_text
from rightsflow.documents.instruction_parts import EndedRestriction, InstructionLetter
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.holds import RELEASED
from rightsflow.domain.erasure.linked_records import ERASED_BY_HAND
from rightsflow.domain.erasure.plan import ORDER_ENDS
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.processors.instructions import (
    CALLED_OFF,
    GONE,
    NOTICE_DAYS,
    Exclusion,
    NewInstruction,
    action_under_hold,
    due_day,
    fewest_identifiers,
    involved,
    kept_under_hold,
)
from rightsflow.domain.processors.terms import Action
from rightsflow.domain.rectification.corrections import wanted
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.rights import ERASING, Right
from rightsflow.store import CaseFile


def processors_to_instruct(app: App, case_id: str) -> list[str]:
    """Return the processors, by key, in whose systems the person's records were found, and the owners of systems.

    In an access request those that hold records of their own: what lies in our systems we give ourselves. An owner of a
    system without an interface is asked in each case: no search of ours tells whether something lies there.

    Args:
        app: What it works with.
        case_id: The case.
    """
    return [*_concerned(app, case_id, is_instructed=True), *owners_to_ask(app, case_id)]


def owners_to_ask(app: App, case_id: str) -> list[str]:
    """Return the systems without an interface, by key, whose owners search them in this case.

    Args:
        app: What it works with.
        case_id: The case.
    """
    if not app.settings.by_hand:
        return []
    with app.store.case_file(case_id) as file:
        if file.right is Right.RECTIFICATION and not wanted(file.corrections.all()):
            return []
        return [
            key
            for key, done_by_hand in app.settings.by_hand.items()
            if file.right in done_by_hand.rights and file.orders.concerns(key)
        ]


def recipients_to_tell(app: App, case_id: str) -> list[str]:
    """Return the independent controllers, by key, that are notified of a result in their systems.

    Args:
        app: What it works with.
        case_id: The case.
    """
    return _concerned(app, case_id, is_instructed=False)


def _concerned(app: App, case_id: str, *, is_instructed: bool) -> list[str]:
    wanted = {
        key: processor
        for key, processor in app.settings.processors.items()
        if processor.role.is_instructed is is_instructed
    }
    if not wanted:
        return []
    with app.store.case_file(case_id) as file:
        systems = _found(file) if is_instructed else told_systems(file)
        is_access = file.right is Right.ACCESS
    return [
        key
        for key, item in wanted.items()
        if involved(item.systems, systems) and (item.holds_own_records or not is_access)
    ]


def instruct_processor(app: App, case_id: str, processor: str) -> dict[str, int]:
    """Write what a processor, or the owner of a system, is asked, once; returns how many instructions were written.

    In an erasure that is once the plan is approved, in an access request once the search is through.

    It is written in the same transaction as the step is done. Sending it is another act.

    Args:
        app: What it works with.
        case_id: The case.
        processor: The processor's key in the register.
    """
    with attempt_at_once(app, case_id, StepName.INSTRUCT, processor) as (trial, file):
        if not trial.already_done:
            section = app.settings.asked.get(processor)
            if section is None:
                raise Misconfigured(f"There is no section {processor} in rightsflow.toml any more; put it back.")
            new = instruction_for(file, app, processor, section)
            text = instruction_text(letter_of(file, app, new, section)) if new.identifiers else ""
            file.instructions.put(new, text)
            trial.counts["instructions"] = 1
    return trial.counts


def reference_of(case_id: str, processor: str, task: int = 0) -> str:
    """Return the reference of an instruction, known to both sides.

    Args:
        case_id: The case.
        processor: The processor's key in the register.
        task: The number of the task to lift a restriction with which it is written; 0 for what the request asks.
    """
    if task == CALLED_OFF:
        return f"{case_id}/{processor}/end"
    return f"{case_id}/{processor}/{task}" if task else f"{case_id}/{processor}"


Asked = ProcessorSettings | ByHandSettings
"""The section of someone who is asked: a company, or the owner of a system that no program reaches."""


def _found(file: CaseFile) -> Counter[str]:
    return Counter(
        finding.ref.system
        for finding in file.findings.all()
        if finding.attribution is Attribution.SUBJECT and finding.planned is not OutcomeKind.NOT_CONCERNED
    )


def told_systems(file: CaseFile) -> Counter[str]:
    """Count the records of each system of which recipients are told: of an erasure, the erased ones (Art. 19 GDPR).

    Args:
        file: The case file, open.
    """
    if file.right not in ERASING:
        return _found(file)
    waiting = systems_with_open_orders(file)
    return Counter(
        finding.ref.system
        for finding in file.findings.all()
        if finding.attribution is Attribution.SUBJECT
        and finding.ref.system not in waiting
        and (finding.outcome in GONE or finding.ends_when == ERASED_BY_HAND)
    )


def systems_with_open_orders(file: CaseFile) -> frozenset[str]:
    """Return the systems that keep an open order of the person, whose recipients still need what they got for it.

    Args:
        file: The case file, open.
    """
    if file.right not in ERASING:
        return frozenset()
    return frozenset(finding.ref.system for finding in file.findings.all() if ORDER_ENDS in finding.ends_when)


def _action(file: CaseFile, section: Asked) -> Action:
    asked = section.role.action(file.right)
    return action_under_hold(asked, file.legal_holds.scopes(), section.systems, section.categories)


def instruction_for(file: CaseFile, app: App, processor: str, section: Asked) -> NewInstruction:
    """Return what a processor, a colleague or a recipient is asked in a case, by the holds in force.

    Args:
        file: The case file, open.
        app: What it works with.
        processor: Their key in the register.
        section: Their section.
    """
    systems, action = involved(section.systems, _found(file)), _action(file, section)
    return NewInstruction(
        processor=processor,
        name=section.name,
        role=section.role,
        # OpenDSR has no word for a part of the data.
        channel=section.channel_for(action if narrowing_of(file) is None else Action.TAKE_NOTE),
        action=action,
        identifiers=fewest_identifiers(file.identifiers.of_no_other(), section.identifiers, section.systems),
        systems=tuple(systems),
        expected=sum(systems.values()),
        exclusions=exclusions_of(file, app, section),
        due_on=due_day(
            app.today, section.answers_within_days if section.role.is_instructed else NOTICE_DAYS, file.work_to_on
        ),
    )


def exclusions_of(file: CaseFile, app: App, section: ProcessorSettings | ByHandSettings) -> tuple[Exclusion, ...]:
    """Return the data that a processor has to retain in an erasure, by the approved plan.

    Args:
        file: The case file, open.
        app: What it works with.
        section: The processor's section.
    """
    action, scopes, law = _action(file, section), file.legal_holds.scopes(), app.settings.controller.law
    held = kept_under_hold(action, scopes, section.systems, law)
    if file.right is not Right.ERASURE or action is Action.RESTRICT:
        return held
    return (*held, *_exclusions(file, app, tuple(involved(section.systems, _found(file)))))


def _exclusions(file: CaseFile, app: App, systems: Sequence[str]) -> Iterator[Exclusion]:
    """Yield the retained data of the approved plan in the processor's systems; each ground once."""
    kept = (
        _exclusion(record)
        for record in account_of(file, app.capabilities).records
        if record.system in systems
        and record.attribution is Attribution.SUBJECT
        and has_to_be_kept(record)
        # What a hold keeps, the hold says: it reaches what no record of ours shows.
        and RELEASED not in record.ends_when
    )
    yield from dict.fromkeys(kept)


def has_to_be_kept(line: RecordLine) -> bool:
    """Return True if the law requires retention; a mere refusal by our system binds no processor.

    What is still to be marked or blanked counts by its plan: processors are instructed before that is done.

    Args:
        line: The record.
    """
    stays = (line.outcome or line.planned) in {OutcomeKind.RETAINED, OutcomeKind.RESTRICTED}
    return stays and bool(line.legal_basis) and not line.refused


def _exclusion(line: RecordLine) -> Exclusion:
    return Exclusion(category=line.category, provision=line.legal_basis, until=line.until, ends_when=line.ends_when)


def letter_of(
    file: CaseFile,
    app: App,
    new: NewInstruction,
    section: Asked,
    ended: EndedRestriction | None = None,
    *,
    fields: Collection[str] | None = None,
) -> InstructionLetter:
    """Return the letter of an instruction, from the case file and the register.

    Args:
        file: The case file, open.
        app: What it works with.
        new: The instruction.
        section: The section of who is asked.
        ended: Which restriction has ended, where that is what it says.
        fields: What was put right, in words, where it is told of that alone.
    """
    corrected = wanted(file.corrections.all()) if file.right is Right.RECTIFICATION else ()
    controller = app.settings.controller
    return InstructionLetter(
        reference=reference_of(file.case_id, new.processor, new.task),
        controller=controller.name,
        contact=app.settings.owners.case_owner.email,
        processor=new.name,
        owner=section.owner if isinstance(section, ByHandSettings) else "",
        role=new.role,
        action=new.action,
        own_systems=section.systems,
        contract=section.contract,
        categories=ended.categories if ended else section.categories,
        identifiers=new.identifiers,
        exclusions=new.exclusions,
        due_on=new.due_on,
        proof=section.proof,
        sub_processors=[sub_processor.name for sub_processor in section.sub_processors],
        law=controller.law,
        right=file.right,
        corrections=tuple(item for item in corrected if fields is None or item.named in fields),
        is_erased=any(finding.outcome in GONE and finding.ref.system in new.systems for finding in file.findings.all()),
        ended=ended,
        about=narrowed.words if (narrowed := narrowing_of(file)) else "",
    )
