"""The controller's own details in texts about the person, which are never masked."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.domain.spellings.own_lines import Own


def own_of(app: App) -> Own:
    """Return the controller's own details: from `[controller]`, its desks' domains, and each system's own numbers."""
    settings = app.settings
    people = (settings.owners.case_owner, settings.owners.dpo, settings.owners.management)
    lines = (str(item) for section in app.systems.values() for item in getattr(section, "own_numbers", ()))
    return Own(
        lines=frozenset((*settings.controller.lines, *lines)),
        domains=frozenset((*settings.controller.domains, *(person.email.rpartition("@")[2] for person in people))),
        names=frozenset((settings.controller.name, *settings.controller.names, *settings.systems)),
    )
