"""Locate the subject's records in every system, to a fixpoint of identifiers, with those that earlier cases left.

After an erasure the profile by which the retained vouchers were found is gone: a search by the person's address finds
nothing, and "no, we hold nothing" would be untrue. A record that is still there and can no longer be read as the
person's is no absence: a person finds out why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, NamedTuple

from rightsflow.cases.app import App, counts_of, unproven_sentence
from rightsflow.cases.facts.overview.account import searched_by
from rightsflow.cases.facts.persons import doubt_whose, other_cases
from rightsflow.cases.facts.systems import insist_on_kinds, proven, samples_of
from rightsflow.cases.step.attempt import Attempt, attempt, attempt_at_once, calling, end_step
from rightsflow.cases.work.narrowing import leave_out_what_is_outside
from rightsflow.cases.work.processors.files import record_sources
from rightsflow.cases.work.processors.status import open_by_hand
from rightsflow.cases.work.rectification.items import WITHOUT_ROOM, foreseen
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.case.record_decisions import RecordAct
from rightsflow.domain.connector import Connector
from rightsflow.domain.errors import Conflict, Misconfigured, Refused, RightsflowError, Transient
from rightsflow.domain.identifiers import Identifiers, insist_on_declared, strong
from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.records import Located, Outcome, OutcomeKind, Presence, PresenceState, RecordRef
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.wording import counted, listed
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask, NewTask
from rightsflow.store.core.case_ledger import MACHINE

_FOUND_NOTHING: Final = "A person looked, and nothing of yours is there any more."


def unreadable(seen: Iterable[Presence]) -> list[RecordRef]:
    """Return the records that are there although a fresh read does not show them as the person's.

    Args:
        seen: What a fresh read showed of records that a case keeps.
    """
    return [presence.record for presence in seen if presence.state is PresenceState.ABSENT and presence.remains]


def note_unreadable(file: CaseFile, app: App, system: str, refs: Collection[RecordRef]) -> None:
    """Note the task of finding out why records cannot be read, and end those tasks of which all can be read again.

    Args:
        file: The case file that keeps the records, open.
        app: What it works with.
        system: Where they are.
        refs: All that cannot be read there now.
    """
    numbers = {finding.number for finding in file.findings.all(system) if finding.ref in refs}
    noted: set[int] = set()
    for task in _open_tasks(file, system):
        noted.update(task.numbers)
        if not numbers.intersection(task.numbers):
            file.tasks.mark_done(task.number, app.today, by=MACHINE)
    if new := tuple(sorted(numbers - noted)):
        what = (
            "Find out why these records, which the case keeps, can no longer be read as the person's; correct the "
            "configuration, or do by hand what is due. Note it as done only once nothing of the person is there."
        )
        looking = NewTask(
            kind=TaskKind.UNREADABLE, system=system, what=what, records=len(new), due_on=app.today, numbers=new
        )
        file.tasks.note([looking], owner=file.ownership.owner)


def unread_numbers(file: CaseFile, system: str = "") -> frozenset[int]:
    """Return the numbers of the records of a case that cannot be read as the person's, at one system or at all.

    Args:
        file: The case file, open.
        system: The system; all by default.
    """
    return frozenset(number for task in _open_tasks(file, system) for number in task.numbers)


def refusal_of(system: str, records: int, case_id: str) -> Refused:
    """Return the error of a step that cannot go on before a person has found out why records cannot be read.

    Args:
        system: Where they are.
        records: How many.
        case_id: The case that keeps them.
    """
    return Refused(
        f"{counted(records, 'record')} that {case_id} keeps cannot be read as the person's any more, but "
        f"{'is' if records == 1 else 'are'} still there; do the task of {case_id} that names them.",
        system=system,
    )


def note_nothing_there(file: CaseFile, done: CaseTask) -> None:
    """Note that a person found nothing of the data subject at the records of a task.

    Args:
        file: The case file, open.
        done: The task, which a person noted as done.
    """
    refs = [finding.ref for finding in file.findings.all(done.system) if finding.number in done.numbers]
    file.findings.record_outcome(
        *(Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_FOUND_NOTHING) for ref in refs)
    )


def _open_tasks(file: CaseFile, system: str) -> list[CaseTask]:
    return [
        task
        for task in file.tasks.all()
        if task.is_open and task.kind is TaskKind.UNREADABLE and system in {"", task.system}
    ]


@dataclass(frozen=True, slots=True)
class SearchedPerson:
    """The person whose records are searched for.

    Args:
        known: The identifiers known so far.
        earlier: The other cases of the same person.
        changes: What they want corrected, in a rectification.
    """

    known: Identifiers
    earlier: tuple[str, ...]
    changes: tuple[Change, ...] = ()

    @classmethod
    def of(cls, file: CaseFile) -> SearchedPerson:
        """Return the person of a case file."""
        items = file.corrections.all() if file.right is Right.RECTIFICATION else []
        return cls(file.identifiers.known(), other_cases(file).same, tuple(item.item.change for item in items))


class Recalled(NamedTuple):
    """The records that a person's earlier cases left at a system.

    Args:
        located: What a fresh read still shows of it.
        asked: Of how many records it was asked.
    """

    located: list[Located]
    asked: int


def _recall(searched: SearchedPerson, connector: Connector, app: App) -> Recalled:
    """Return the records that earlier cases of the person left at a system and that a fresh read still shows.

    Only cases of the same person count (:mod:`rightsflow.cases.facts.persons`): a number may be several people's.
    """
    left_by_others: set[RecordRef] = set()
    # Several earlier cases may have left the same record.
    recalled: dict[RecordRef, Located] = {}
    known = searched.known
    # What a case left may be readable only by what the one before it learnt, whose profiles are gone.
    of_all = known.union(*(_known_to(app, other) for other in searched.earlier))
    for other in searched.earlier:
        with app.store.case_file(other) as file:
            theirs = file.identifiers.known()
            # Where a person found out that it is the same one, the two may share nothing but a number, or nothing yet.
            shared = strong(known) & theirs or strong(known) or known
            left = file.findings.left_behind(connector.system)
        by_ref = {located.record: located for located in left}
        left_by_others |= set(by_ref)
        insist_on_kinds(by_ref, {connector.system: connector.capabilities}, f"The earlier case {other}")
        looks = list(connector.presence(list(by_ref), of_all)) if by_ref else []
        if unread := unreadable(looks):
            with app.store.case_file(other) as file:
                note_unreadable(file, app, connector.system, unread)
            raise refusal_of(connector.system, len(unread), other)
        for seen in looks:
            if seen.state is PresenceState.UNKNOWN:
                raise Transient(
                    f"What the case {other} left could not be looked at again; try again.",
                    system=connector.system,
                    operation="presence",
                )
            if seen.state in {PresenceState.PRESENT, PresenceState.RESIDUE}:
                # That case decided whose it is, by identifiers of which this one shares some.
                left_there = recalled.get(seen.record, by_ref[seen.record])
                recalled[seen.record] = replace(left_there, owner=left_there.owner | shared)
    return Recalled(list(recalled.values()), len(left_by_others))


def _known_to(app: App, case_id: str) -> Identifiers:
    with app.store.case_file(case_id) as file:
        return file.identifiers.known()


def _insist_on_systems(file: CaseFile, app: App) -> None:
    """Make sure that every system in which an earlier case of the person left something is still configured."""
    for other in other_cases(file).same:
        left = file.beside(other).findings.left_behind()
        insist_on_kinds((located.record for located in left), app.capabilities, f"The earlier case {other}")


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
                insist_on_declared(known)
                samples = app.mappings.check(connector, app.now())
                located = list(connector.locate(known))
                without_room = foreseen(connector, trial.read.changes)
                listed = {item.record for item in located}
                left = _recall(trial.read, connector, app)
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
            _insist_on_systems(file, app)
            insist_on_kinds(file.findings.kinds(to_resolve=True), record_sources(app), case_id)
            trial.counts.update(_resolve(file, app))
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
    """Return the systems whose mappings proved to find identifiers, where all of them did and nothing was found.

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


def _resolve(file: CaseFile, app: App) -> dict[str, int]:
    learnt, resolution = file.findings.resolve(profiles=app.profiles, searched_anew=_is_searched_anew(file))
    others = 0
    if not learnt:
        # Only at the end: until then another person's record may still turn out to be the subject's.
        file.identifiers.mark_contested(resolution.contested)
        file.findings.taken_in.settle()
        others = file.findings.forget_others()
        leave_out_what_is_outside(file)
    attributions = file.findings.attributions()
    taken_in = attributions[RecordAct.TAKE_IN]
    return {
        "learnt": int(learnt),
        "subject": attributions[Attribution.SUBJECT],
        "unclear": attributions[Attribution.UNCLEAR],
        **({"taken_in": taken_in} if taken_in else {}),
        "others": others,
    }
