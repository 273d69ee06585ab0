"""The check of each system by ``doctor`` and the desk: it answers, and its settings read identifiers."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from rightsflow.cases.app import App, unproven_sentence, wrong_sentence
from rightsflow.config.sections.system_settings import SystemSettings
from rightsflow.domain.connector import Connector, Health, Sample
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.vocabulary.records import DocumentClass


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
    """The probe's answer with what the record of processing leaves open and letters cannot say for that."""
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
    said = {name for name, item in section.kinds.items() if item.kept_for and item.seen_by}
    if silent := [item for item in _kept(section, connector) if item not in said]:
        details.append(
            f"Letters cannot say for what {', '.join(silent)} are kept by law and who sees them then; state kept_for "
            "and seen_by in kinds."
        )
    return replace(health, detail=" ".join((health.detail, *details)), is_doubtful=health.is_doubtful or is_doubtful)


def _kept(section: SystemSettings, connector: Connector) -> list[str]:
    """The kinds of record that a law may order to keep."""
    classes = {
        kind.name: section.document_classes.get(kind.name, kind.document) for kind in connector.capabilities.kinds
    }
    return [name for name, document in classes.items() if document not in {None, DocumentClass.NONE}]


def _with_classes(health: Health, connector: Connector, stated: Container[str]) -> Health:
    """The probe's answer with the kinds of record whose class of document is not stated."""
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
    """The probe's answer with what a search of the system cannot find."""
    limits = connector.capabilities.cannot_find
    return replace(health, detail=f"{health.detail} Its search does not find: {' '.join(limits)}") if limits else health


def _judged(health: Health, system: str, samples: tuple[Sample, ...], *, may_be_empty: bool) -> Health:
    """The probe's answer with what the samples add to it."""
    if wrong := [wrong_sentence(system, sample) for sample in samples if sample.is_wrong]:
        return replace(health, ok=False, detail=" ".join(wrong))
    seen = [health.detail, *(str(sample) for sample in samples)]
    if any(sample.is_unproven for sample in samples) and not may_be_empty:
        return replace(health, detail=" ".join([*seen, unproven_sentence([system])]), is_doubtful=True)
    return replace(health, detail=" ".join(seen))
