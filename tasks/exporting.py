"""A case as other programs read it: from its entries in the ledger alone, without personal data."""

from __future__ import annotations

from typing import Any

from rightsflow.evidence.dpv import ControllerFacts, export
from rightsflow.evidence.fold import fold
from rightsflow.settings import Controller, SystemSettings
from tasks.runtime import Runtime, runtime


def export_dpv(case_id: str) -> dict[str, Any]:
    """A case in the terms of the Data Privacy Vocabulary, as JSON-LD.

    Args:
        case_id: The case.

    Raises:
        BadInput: There is no such case.
    """
    current = runtime()
    with current.store.case_file(case_id) as file:
        record = fold(file.ledger.entries())
    return export(record, facts_of(current.settings.controller))


def stated(current: Runtime, owner: str) -> dict[str, Any]:
    """What the configuration states of a case's accountability, for the entry of an export.

    Args:
        current: The runtime.
        owner: The key of who answers for the case.
    """
    people = current.settings.people_by_key
    return {
        "accountable": people[owner].full_name if owner in people else owner,
        "dpo": current.settings.owners.dpo.full_name,
        "stated": [
            {"system": name, "recipients": _recipients(section), "transfers": section.transfers}
            for name, section in current.systems.items()
        ],
    }


def _recipients(section: SystemSettings) -> list[str]:
    return [section.recipients] if isinstance(section.recipients, str) else list(section.recipients)


def facts_of(controller: Controller) -> ControllerFacts:
    """What an export says of the controller."""
    authority = controller.authority
    return ControllerFacts(name=controller.name, authority=authority.name, authority_page=str(authority.url))
