"""The statements of an access package besides the data: the record of processing, fates, and ends of storage."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import CaseAccount, MaskLine, RecordLine, Search, account_of
from rightsflow.cases.facts.overview.personal_data import addressee_of, narrowing_of
from rightsflow.cases.work.erasure.plan import plan_rules
from rightsflow.cases.work.processors.files import processing_of
from rightsflow.cases.work.processors.register import recipients_of, transfers_of
from rightsflow.config.sections.system_settings import SystemSettings
from rightsflow.documents.letters.erasure import OutcomeRow, kept_lines
from rightsflow.documents.package import LeftOut, PackageFinding, PackageInfo, SystemInfo, missing_statements
from rightsflow.domain.case.findings import Fate
from rightsflow.domain.case.record_decisions import RIGHTS_OF_OTHERS, RecordDecision
from rightsflow.domain.connector import Capabilities, Withheld
from rightsflow.domain.delivery import is_answered_on_paper
from rightsflow.domain.disclosure.texts import EDITED, IDENTIFIER, INTERVAL, MARKS, PASSAGE
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.erasure.plan import storage_end
from rightsflow.domain.erasure.plan_by_request import not_copied
from rightsflow.domain.erasure.retention import evidence_until
from rightsflow.domain.erasure.suppression import Suppression, in_words
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.gates.package_changes import LeaveOutGround
from rightsflow.domain.identifier_kinds import declared_kinds
from rightsflow.domain.identifiers import IdentifierKind, kind_words
from rightsflow.domain.law import Law
from rightsflow.domain.request import NOT_ASKED_FOR, OUTSIDE
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.wording import counted
from rightsflow.store import CaseFile


def _storage_ends(file: CaseFile, app: App, given: Collection[int]) -> dict[str, tuple[str, ...]]:
    """Return for each system until when a law or a contract has the copied records kept (Art. 15(1)(d) GDPR).

    A system of which no rule gives an end is not in it.
    """
    rules = replace(
        plan_rules(file, app),
        right=Right.ERASURE,
        needed_by_orders=file.findings.needed_by_orders(),
        blocked_until=None,
    )
    counts: Counter[OutcomeRow] = Counter()
    for finding in file.findings.all():
        if finding.number not in given or finding.ref.system not in app.capabilities:
            continue
        kept = storage_end(finding, rules)
        if kept is not None:
            row = OutcomeRow(
                system=finding.ref.system,
                category=finding.category,
                outcome=kept.expected,
                count=1,
                reason=kept.reason,
                legal_basis=kept.legal_basis,
                until=kept.until,
                ends_when=kept.ends_when,
            )
            counts[row] += 1
    ends: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for line in kept_lines(row.model_copy(update={"count": number}) for row, number in counts.items()):
        until, records = f"until {line.ends}, {line.row.legal_basis}", f"({counted(line.count, 'record')})"
        ends[line.row.system].setdefault(until, []).append(f"{line.row.category} {records}")
    return {
        system: tuple(f"{', '.join(categories)}: {until}" for until, categories in lines.items())
        for system, lines in ends.items()
    }


WITHHELD: Final = "withheld"
"""The ledger's name for the number of fields or parts that a system left out of a copy."""


def package_info(file: CaseFile, app: App, listed: Sequence[Suppression] = ()) -> PackageInfo:
    """Return everything that a package says of the case and the processing.

    Args:
        file: The case file, open.
        app: What it works with.
        listed: What the suppression list holds of the person.

    Raises:
        Misconfigured: The configuration does not state what the answer has to say.
    """
    settings, now = app.settings, app.now()
    if missing := missing_statements(settings.controller, app.systems):
        raise Misconfigured(
            f"An access answer has to say what the configuration leaves open: fill in {', '.join(missing)} in "
            'rightsflow.toml (say "none" where there are none).'
        )
    account, addressee = account_of(file, app.capabilities), addressee_of(file, app)
    given = {record.number for record in account.records if record.fate is Fate.COPIED}
    return PackageInfo(
        case_id=file.case_id,
        controller=settings.controller,
        contact=settings.owners.case_owner,
        received_at=file.received_at,
        answered_at=now,
        systems=_systems(account, app, _storage_ends(file, app, given)),
        automated_decisions=settings.controller.automated_decisions,
        controller_address=settings.controller.address,
        addressee=addressee.name,
        represents=addressee.represents,
        left_out=(
            *_left_out(account.records, _decided(file), _kinds_known(file), settings.controller.law),
            *_masked_by_people(account.masked_by_people, settings.controller.law),
            *_withheld(account.records, _counted(file), app),
        ),
        masked={
            kind: count for kind, count in account.masked.items() if kind in declared_kinds() or kind == IDENTIFIER
        },
        suppression=in_words(listed, settings.controller.law.name),
        is_for_controller=file.orders.is_one,
        about=narrowed.words if (narrowed := narrowing_of(file)) else "",
        on_paper=is_answered_on_paper(file.channel),
        request_file_until=evidence_until(
            settings.controller.country, app.today, months=settings.retention.evidence_months
        ),
    )


def _systems(account: CaseAccount, app: App, ends: Mapping[str, tuple[str, ...]]) -> tuple[SystemInfo, ...]:
    """Return every system, and every processor or owner of one without an interface that handed something over."""
    searches = {search.system: search for search in account.searches}
    processors = app.settings.processors
    fates: defaultdict[str, set[Fate]] = defaultdict(set)
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for record in account.records:
        fates[record.system].add(record.fate)
        if record.fate is Fate.COPIED:
            kinds[record.system].add(record.kind)
    systems = (
        SystemInfo.of(
            name,
            section,
            _finding(fates[name], searches[name]),
            finding_reason=_UNSEARCHABLE,
            searched_by=yours(searches[name].by),
            cannot_find=searches[name].cannot_find,
            words={kind.name: kind.words for kind in app.capabilities[name].kinds},
            recipients=recipients_of(name, section, processors),
            transfers=transfers_of(name, section, processors),
            ends=ends.get(name, ()),
            kinds=tuple(_of_kinds(section, app.capabilities[name], kinds[name])),
        )
        for name, section in app.systems.items()
        if name in searches
    )
    handed_over = (
        SystemInfo.of(
            name,
            processing_of(section, app.systems),
            _finding(fates[name], _HANDED_OVER),
            title=section.name,
            recipients=recipients_of(name, processing_of(section, app.systems), processors),
        )
        for name, section in app.settings.asked.items()
        if name in fates
    )
    return (*systems, *handed_over)


def _of_kinds(section: SystemSettings, can: Capabilities, held: Collection[str]) -> Iterator[str]:
    """Yield the record of processing's statements on single kinds of records that were found."""
    for name, statement in section.kinds.items():
        if name in held and statement.parts:
            yield f"{can.kind(name).title}: {'; '.join(statement.parts)}"


def yours(kinds: Iterable[IdentifierKind]) -> tuple[str, ...]:
    """Kinds of identifier in words for the person, for example "your e-mail address"; never what many share.

    Args:
        kinds: The kinds.
    """
    return tuple(f"your {kind_words(kind)[0]}" for kind in kinds if kind.finds)


def _finding(fates: Collection[Fate], search: Search) -> PackageFinding:
    """Return the result of the search of one system, from the fates of what was found there."""
    if not fates and not search.by:
        return PackageFinding.NOT_SEARCHED
    if not set(fates) - {Fate.UNCLEAR}:
        return PackageFinding.NOT_ATTRIBUTABLE if fates else PackageFinding.NOTHING
    return PackageFinding.HELD


def _decided(file: CaseFile) -> Mapping[int, RecordDecision]:
    """Return the decisions on single records, by their numbers, with the grounds for the person."""
    return {finding.number: finding.decided for finding in file.findings.all() if finding.decided is not None}


def _kinds_known(file: CaseFile) -> frozenset[IdentifierKind]:
    return frozenset(item.kind for item in file.identifiers.known())


def _left_out(
    records: Sequence[RecordLine],
    decided: Mapping[int, RecordDecision],
    given: Collection[IdentifierKind],
    law: Law,
) -> Iterator[LeftOut]:
    """Yield the records that were found but are not in the package, each with the reason."""
    reasons = Counter(
        (record.system, record.category, *why)
        for record in records
        if (why := _why_left_out(record, decided.get(record.number), given, law)) is not None
    )
    for (system, category, reason, ground, basis), count in sorted(reasons.items()):
        yield LeftOut(system=system, what=category, reason=reason, ground=ground, legal_basis=basis, count=count)


def _masked_by_people(lines: Iterable[MaskLine], law: Law) -> Iterator[LeftOut]:
    """Yield the passages, intervals and files that people masked, muted or edited in records of the package."""
    for line in lines:
        yield LeftOut(
            system=line.system,
            what=line.category,
            reason=_MASKED[line.kind],
            ground=line.ground,
            legal_basis=f"{RIGHTS_OF_OTHERS} {law.name}",
            count=line.places,
            unit=line.kind,
        )


def _counted(file: CaseFile) -> Mapping[tuple[str, str], Counter[str]]:
    """Return the number of parts that the systems left out of each kind of record at the last copy."""
    last = {
        str(item.details["system"]): item.details.get(WITHHELD, [])
        for item in file.ledger.told()
        if item.event == CaseEvent.STEP_DONE and item.details["step"] == StepName.EXTRACT
    }
    counted: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for system, lines in last.items():
        for line in lines:
            counted[system, line["kind"]][line["what"]] += line["count"]
    return counted


def _withheld(
    records: Sequence[RecordLine], counted: Mapping[tuple[str, str], Counter[str]], app: App
) -> Iterator[LeftOut]:
    """Yield the parts that connectors left out of records in the package; counted parts only where there are some."""
    copied = {(record.system, record.kind) for record in records if record.fate is Fate.COPIED}
    counts: Counter[tuple[str, Withheld]] = Counter()
    for system, can in app.capabilities.items():
        for kind in can.kinds:
            if (system, kind.name) in copied:
                left = counted.get((system, kind.name), Counter())
                counts.update(
                    {
                        (system, withheld): left[withheld.what]
                        for withheld in kind.withheld
                        if left[withheld.what] or not withheld.unit
                    }
                )
    basis = f"{RIGHTS_OF_OTHERS} {app.settings.controller.law.name}"
    for (system, item), count in counts.items():
        unit = {"unit": item.unit} if item.unit else {}
        yield LeftOut(system=system, what=item.what, reason=item.reason, legal_basis=basis, count=count, **unit)


def _why_left_out(
    record: RecordLine, decided: RecordDecision | None, given: Collection[IdentifierKind], law: Law
) -> tuple[str, str, str] | None:
    """Return the reason a record is not in the package, a person's ground, and the provision; ``None`` if it is."""
    match record.fate:
        case Fate.UNCLEAR:
            reason, basis = not_copied(record.doubt or RecordDoubt.NUMBER_ALONE, given, law)
            return reason, "", basis
        case Fate.GONE:
            return _GONE, "", ""
        case Fate.LEFT_OUT if decided is not None:
            if decided.ground == NOT_ASKED_FOR:
                return OUTSIDE, "", ""
            return LeaveOutGround(decided.ground.casefold()).words, "", decided.cited(law)
    return None


_HANDED_OVER = Search(system="", finished_at=None, by=(), can=(), cannot_find=())
"""The search of a processor that hands records over: it is no system of the controller's and is not searched."""
_UNSEARCHABLE = "Nothing is known to us by which it can be searched for you."
_MASKED = {
    PASSAGE: f"A person in charge decided that the mark {MARKS[PASSAGE]} stands in their place.",
    INTERVAL: "A person in charge decided that they are silenced in the recordings.",
    EDITED: (
        "A person in charge edited a copy by hand, which is in the package in place of the original; beside it stands "
        "when, with the original's SHA-256."
    ),
}
_GONE = "They were no longer there when we copied your data."
