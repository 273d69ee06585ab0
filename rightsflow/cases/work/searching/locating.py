"""Locate the subject's records in every system, to a fixpoint of identifiers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from rightsflow.cases.app import App, counts_of, unproven_sentence
from rightsflow.cases.facts.overview.account import searched_by
from rightsflow.cases.facts.persons.bonds import doubt_whose, other_cases
from rightsflow.cases.facts.search.systems import insist_on_kinds, proven, samples_of
from rightsflow.cases.step.attempt import attempt, attempt_at_once
from rightsflow.cases.step.calling import calling
from rightsflow.cases.step.ending import end_step
from rightsflow.cases.step.one_attempt import Attempt
from rightsflow.cases.work.processors.standing import open_by_hand
from rightsflow.cases.work.processors.taking_over import record_sources
from rightsflow.cases.work.rectification.room import WITHOUT_ROOM, foreseen
from rightsflow.cases.work.searching.narrowing import leave_out_what_is_outside
from rightsflow.cases.work.searching.recalling import SearchedPerson, insist_on_systems, recall
from rightsflow.cases.work.searching.unreadable import unread_numbers
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.record_decisions import RecordAct
from rightsflow.domain.errors import Conflict, Misconfigured, RightsflowError
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.records import Located
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.wording import listed
from rightsflow.store import CaseFile


@dataclass(frozen=True, slots=True)
class Resolved:
    """The result of a round of searching.

    Args:
        learnt: Whether identifiers appeared that are still to be searched for.
        subject: Records that are the subject's.
        unclear: Records whose attribution a person has to decide, or has decided.
    """

    learnt: bool
    subject: int
    unclear: int


def locate_records(app: App, case_id: str, system: str) -> int:
    """Search one system for everything that matches the identifiers known so far; returns how many records.

    A search through a mapping that reads nothing of what is there fails, since it would find nothing and look done.
    """
    read = partial(_to_search, system)
    with attempt(app, case_id, StepName.LOCATE, system, scope=_searched_for, calls=True, read=read) as trial:
        if not trial.already_done:
            app, connector, known = trial.app, trial.app.connectors[system], trial.read.known
            with calling(app, trial):
                samples = app.mappings.check(connector, app.now())
                located = list(connector.locate(known))
                without_room = foreseen(connector, trial.read.changes)
                listed = {item.record for item in located}
                left = recall(trial.read, connector, app)
                recalled = [item for item in left.located if item.record not in listed]
            trial.counts["matches"] = len(located)
            trial.counts["recalled"] = len(recalled)
            trial.counts[_LEFT_BEFORE] = left.asked
            trial.counts["unproven"] = sum(sample.is_unproven for sample in samples)
            trial.details["sampled"] = counts_of(samples)
            trial.details["by"] = searched_by(known, connector.capabilities)
            trial.details["cannot_find"] = list(connector.capabilities.cannot_find)
            if without_room:
                trial.details[WITHOUT_ROOM] = without_room
            end_step(trial, partial(_note_located, system, [*located, *recalled]))
    return int(trial.counts["matches"])


_LEFT_BEFORE: Final = "left before"
"""In how a search ended: how many records that other cases of the person had left it read again."""


def _note_located(system: str, located: Sequence[Located], file: CaseFile) -> None:
    file.findings.replace(system, located)


def resolve_identifiers(app: App, case_id: str) -> Resolved:
    """Decide whose each record is, over all systems, and learn the identifiers that the subject's records name.

    Done once per set of identifiers: other people's records are forgotten at the end, and without them a number that
    several people used would look like the subject's alone. Where nothing was found and that proves nothing, the
    search is taken back, to be done again as a whole.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        Misconfigured: Nothing was found, and a system held nothing to check the search with; or the configuration no
            longer names a system or a kind of record that this case or an earlier one of the person holds.
        Conflict: Nothing was found, and the request gave an account id that cannot be searched for.
    """
    with attempt_at_once(app, case_id, StepName.RESOLVE, scope=_searched_for) as (trial, file):
        if not trial.already_done:
            insist_on_systems(file, app)
            insist_on_kinds(file.findings.kinds(to_resolve=True), record_sources(app), case_id)
            trial.counts.update(_resolve(file))
            trial.details["records"] = file.findings.tally()
            doubt = _doubt(file, trial)
            if doubt is not None:
                file.steps.take_back(StepName.LOCATE)
            trial.finish_unless(doubt, file)
    counts = trial.counts
    unclear = int(counts["unclear"]) + int(counts.get("taken_in", 0))
    return Resolved(bool(counts["learnt"]), int(counts["subject"]), unclear)


def _found_something(trial: Attempt[None]) -> bool:
    return any(trial.counts.get(key) for key in ("subject", "unclear", "taken_in"))


def _to_search(system: str, file: CaseFile) -> SearchedPerson:
    if not file.orders.concerns(system):
        raise Conflict(f"{file.case_id} is an order of a controller for which {system} holds nothing.")
    return SearchedPerson.of(file)


def _searched_for(file: CaseFile) -> str:
    """Return the scope of a search: the identifiers that were known."""
    return file.identifiers.scope()


def _doubt(file: CaseFile, trial: Attempt[None]) -> RightsflowError | None:
    """Return the reason that a search without a result proves nothing, if there is one."""
    if trial.counts["learnt"]:
        return None
    if doubt := doubt_whose(file):
        return doubt
    if _found_something(trial):
        return None
    return doubt_of_nothing(file, trial.app)


def doubt_of_nothing(file: CaseFile, app: App) -> RightsflowError | None:
    """Return the reason that a case cannot state that nothing is held; ``None`` where the search proves it.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    if doubt := doubt_whose(file):
        return doubt
    if unclear := [text for text in other_cases(file).same if file.beside(text).findings.has_unclear()]:
        return Conflict(
            f"An earlier case of this person, {unclear[0]}, left records that could not be attributed, so the answer "
            "is not a clear no; open the request again with the telephone number that this case knows, and withdraw "
            "this one."
        )
    if doubt := _doubt_of_left(file):
        return doubt
    says_nothing = not file.right.keeps_from_advertising
    if says_nothing and file.state is CaseState.EXECUTING and (waiting := open_by_hand(file)):
        return Conflict(
            f"In {listed(waiting)} a colleague has still to look; record the answer before nothing is said to be held."
        )
    unproven = [
        step.system
        for step in file.steps.all()
        if step.step == StepName.LOCATE and step.counts.get("unproven") and not app.systems[step.system].may_be_empty
    ]
    return Misconfigured(unproven_sentence(unproven)) if unproven else None


def _doubt_of_left(file: CaseFile) -> Conflict | None:
    """Return the doubt from records that other cases of the person retain: not read again, or unreadable."""
    same = other_cases(file).same
    if unread := [text for text in same if unread_numbers(file.beside(text))]:
        return Conflict(
            f"{unread[0]} keeps records of this person that are there and cannot be read; do the task of that case "
            "that names them before nothing is said to be held."
        )
    asked = {step.system: step.counts.get(_LEFT_BEFORE, 0) for step in file.steps.all() if step.step == StepName.LOCATE}
    left = {located.record for case in same for located in file.beside(case).findings.left_behind()}
    now = Counter(record.system for record in left)
    if any(count > asked.get(system, 0) for system, count in now.items()):
        return Conflict(
            f"Another case of this person has kept records since {file.case_id} was searched; order a new search "
            "before nothing is said to be held."
        )
    return None


def proven_systems(file: CaseFile, app: App) -> frozenset[str]:
    """The systems whose mappings proved that they find things, where all of them did and nothing was found.

    Empty where a system proved nothing, so that a person has to decide on "nothing held".

    Args:
        file: The case file, open.
        app: What it works with.
    """
    if not file.found_nothing:
        return frozenset()
    systems, known = proven(samples_of(file.ledger.entries(CaseEvent.STEP_DONE))), file.identifiers.known()
    # A system that can be searched by nothing that is known of the person was not searched.
    concerned = {name: capability for name, capability in app.capabilities.items() if file.orders.concerns(name)}
    all_searched = all(searched_by(known, item) for item in concerned.values())
    return systems if all_searched and systems >= set(concerned) else frozenset()


def _is_searched_anew(file: CaseFile) -> bool:
    """Return True if the systems were searched after the last decision on whose each record is."""
    done = [str(item.details["step"]) for item in file.ledger.told() if item.event == CaseEvent.STEP_DONE]
    ends = [item for item in done if item in {StepName.LOCATE, StepName.RESOLVE}]
    return not ends or ends[-1] == StepName.LOCATE


def _resolve(file: CaseFile) -> dict[str, int]:
    learnt, resolution = file.findings.resolve(searched_anew=_is_searched_anew(file))
    others = 0
    if not learnt:
        # Only at the end: until then another person's record may still turn out to be the subject's.
        file.identifiers.mark_contested(resolution.contested)
        file.findings.taken_in.settle()
        others = file.findings.forget_others()
        leave_out_what_is_outside(file)
    found = file.findings.attributions()
    taken_in = found[RecordAct.TAKE_IN]
    return {
        "learnt": int(learnt),
        "subject": found[Attribution.SUBJECT],
        "unclear": found[Attribution.UNCLEAR],
        **({"taken_in": taken_in} if taken_in else {}),
        "others": others,
    }
