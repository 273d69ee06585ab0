"""A case as other programs read it: from its entries in the ledger alone, without personal data."""

from __future__ import annotations

from rightsflow.audit.evidence.dpv import ControllerFacts, export
from rightsflow.audit.evidence.fold import fold
from rightsflow.cases.app import App
from rightsflow.cases.work.processors.register import recipients_of, transfers_of
from rightsflow.config.sections.controller import Controller
from rightsflow.config.sections.system_settings import SystemSettings


def export_dpv(app: App, case_id: str) -> dict[str, object]:
    """A case in the terms of the Data Privacy Vocabulary, as JSON-LD.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(case_id) as file:
        record = fold(file.ledger.entries())
    return export(record, facts_of(app.settings.controller))


def stated(app: App, owner: str) -> dict[str, object]:
    """Return the configuration's statements on a case's accountability, for the entry of an export.

    Args:
        app: What it works with.
        owner: The key of who answers for the case.
    """
    people = app.settings.people_by_key
    return {
        "accountable": people[owner].full_name if owner in people else owner,
        "dpo": app.settings.owners.dpo.full_name,
        "stated": [
            {"system": name, "recipients": _recipients(app, name, section), "transfers": _transfers(app, name, section)}
            for name, section in app.systems.items()
        ],
    }


def _recipients(app: App, system: str, section: SystemSettings) -> list[str]:
    named = list(recipients_of(system, section, app.settings.processors))
    return [section.recipients] if isinstance(section.recipients, str) and not named else named


def _transfers(app: App, system: str, section: SystemSettings) -> str:
    return transfers_of(system, section, app.settings.processors) or section.transfers


def facts_of(controller: Controller) -> ControllerFacts:
    """Return the controller's facts for an export."""
    authority = controller.authority
    return ControllerFacts(name=controller.name, authority=authority.name, authority_page=str(authority.url))
