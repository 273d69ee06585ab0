"""The systems that a case concerns, and the check of each system by ``doctor`` and the desk."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rightsflow.audit.ledger import Entry
from rightsflow.cases.app import App, unproven_sentence, wrong_sentence
from rightsflow.config.sections.system_settings import SystemSettings
from rightsflow.domain.connector import Capabilities, Connector, Health, Sample
from rightsflow.domain.errors import BadInput, Misconfigured, RightsflowError
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.records import DocumentClass, KindAt, RecordRef
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile


def concerned_systems(file: CaseFile, app: App) -> list[str]:
    """Return the systems that a case concerns, in configuration order: all, or those of the ordering controller.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    return [system for system in configured_systems(app) if file.orders.concerns(system)]


def state_of(app: App, case_id: str) -> CaseState:
    """Return the case's state."""
    with app.store.case_file(case_id) as file:
        return file.state


def configured_systems(app: App) -> list[str]:
    """Return all systems, in the order of the configuration."""
    return list(app.connectors)


def in_order(app: App, systems: Collection[str]) -> list[str]:
    """Return some systems in the order of the configuration, then processors that handed something over.

    Those that are no longer configured are left out.
    """
    return [system for system in (*configured_systems(app), *app.settings.asked) if system in systems]


def refuse_other_right(file: CaseFile, right: Right) -> None:
    """Refuse to handle a case by the flow of another right: an approved release is no approval of an erasure.

    Args:
        file: The case file, open.
        right: What the flow is for.

    Raises:
        BadInput: The case is about something else.
    """
    asked = file.right
    if asked is not right:
        raise BadInput(f"{file.case_id} is an {asked.value} request; start {asked.value}-request with it.")


def insist_on_kinds(records: Iterable[RecordRef | KindAt], systems: Mapping[str, Capabilities], whose: str) -> None:
    """Make sure that every record is of a system and a kind that are still configured.

    Args:
        records: The records, or their kinds.
        systems: What each configured system's connector declares.
        whose: Which case holds them, for the sentence.

    Raises:
        Misconfigured: One is not. It would be passed over in silence, as if it were not held.
    """
    for system, kind in sorted({(record.system, record.kind) for record in records}):
        if system not in systems:
            raise Misconfigured(
                f"{whose} holds records of the kind {kind} in the system {system}, which the configuration no longer "
                f"names; restore [systems.{system}]."
            )
        if kind not in {item.name for item in systems[system].kinds}:
            raise Misconfigured(
                f"{whose} holds records of the kind {kind} in the system {system}, which its section no longer names; "
                f"restore the kind in [systems.{system}]."
            )


Samples = Mapping[str, tuple[Sample, ...]]
"""The samples of each system, by its name in the configuration."""


def samples_of(entries: Iterable[Entry]) -> Samples:
    """Return the samples of each system's last search.

    Args:
        entries: The case's ledger, oldest first.
    """
    last: dict[str, tuple[Sample, ...]] = {}
    for entry in entries:
        details = entry.details
        if entry.event == CaseEvent.STEP_DONE and details.get("step") == StepName.LOCATE:
            last[str(details["system"])] = _samples(details.get("sampled") or ())
    return last


def proven(samples: Samples) -> frozenset[str]:
    """Return the systems whose every mapping found identifiers; without a stored value nothing is proven.

    Args:
        samples: As :func:`samples_of` gives them.
    """
    return frozenset(system for system, seen in samples.items() if seen and all(item.readable for item in seen))


def _samples(rows: Sequence[Mapping[str, Any]]) -> tuple[Sample, ...]:
    return tuple(
        Sample(what=str(row["what"]), looked_at=int(row["looked_at"]), readable=int(row["readable"])) for row in rows
    )


def system_checks(current: App) -> dict[str, Health]:
    """Probe every system, and sample the mappings of those that answer.

    Args:
        current: The runtime.
    """
    return {
        system: _with_statements(
            _with_classes(
                _checked(connector, may_be_empty=current.systems[system].may_be_empty),
                connector,
                current.systems[system].document_classes,
            ),
            current.systems[system],
            connector,
        )
        for system, connector in current.connectors.items()
    }


def _with_statements(health: Health, section: SystemSettings, connector: Connector) -> Health:
    """Add to the probe's answer what the record of processing leaves open, and letters cannot say for that."""
    details = []
    if section.backup_days is None:
        details.append(
            "backup_days is not stated, so letters say that no period of its back-ups is known. State it; 0 where "
            "there are no back-ups of yours."
        )
    known = [kind.name for kind in connector.capabilities.kinds]
    if unknown := sorted({*section.kinds} - {*known}):
        details.append(f"kinds names {', '.join(unknown)}, which is no kind of its records; use {', '.join(known)}.")
    is_doubtful = bool(details)
    complete = {name for name, item in section.kinds.items() if item.kept_for and item.seen_by}
    if silent := [item for item in _kept(section, connector) if item not in complete]:
        details.append(
            f"Letters cannot say for what {', '.join(silent)} are kept by law and who sees them then; state kept_for "
            "and seen_by in kinds."
        )
    return replace(health, detail=" ".join((health.detail, *details)), is_doubtful=health.is_doubtful or is_doubtful)


def _kept(section: SystemSettings, connector: Connector) -> list[str]:
    """Return the kinds of record that a law may order to retain."""
    classes = {
        kind.name: section.document_classes.get(kind.name, kind.document) for kind in connector.capabilities.kinds
    }
    return [name for name, document in classes.items() if document not in {None, DocumentClass.NONE}]


def _with_classes(health: Health, connector: Connector, stated: Container[str]) -> Health:
    """Add to the probe's answer the kinds of record without a stated document class."""
    kinds = connector.capabilities.kinds
    unstated = [kind.name for kind in kinds if kind.document is None and kind.name not in stated]
    if not unstated:
        return health
    detail = (
        f"No document class is stated for {', '.join(unstated)}, so each erasure asks for it at its gate; add "
        f'document_classes = {{ {unstated[0]} = "none" }}, or the class that they are.'
    )
    return replace(health, detail=f"{health.detail} {detail}", is_doubtful=True)


def _checked(connector: Connector, *, may_be_empty: bool) -> Health:
    health = connector.probe()
    if not health.ok:
        return health
    try:
        samples = tuple(connector.samples())
    except RightsflowError as error:
        return replace(health, ok=False, detail=str(error))
    return _judged(_with_limits(health, connector), connector.system, samples, may_be_empty=may_be_empty)


def _with_limits(health: Health, connector: Connector) -> Health:
    """Add to the probe's answer what a search of the system cannot find."""
    limits = connector.capabilities.cannot_find
    return replace(health, detail=f"{health.detail} Its search does not find: {' '.join(limits)}") if limits else health


def _judged(health: Health, system: str, samples: tuple[Sample, ...], *, may_be_empty: bool) -> Health:
    """Add to the probe's answer what the samples show."""
    if wrong := [wrong_sentence(system, sample) for sample in samples if sample.is_wrong]:
        return replace(health, ok=False, detail=" ".join(wrong))
    seen = [health.detail, *(str(sample) for sample in samples)]
    if any(sample.is_unproven for sample in samples) and not may_be_empty:
        return replace(health, detail=" ".join([*seen, unproven_sentence([system])]), is_doubtful=True)
    return replace(health, detail=" ".join(seen))
