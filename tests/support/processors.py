"""A register of processors for a bench."""

from __future__ import annotations

from rightsflow.config.sections.processor_settings import ProcessorSettings
from rightsflow.config.settings import Settings

CALLHOUSE = {
    "name": "Callhouse Lisbon",
    "contract": "DPA-2025-014",
    "contact": "privacy@callhouse.example",
    "systems": ["helpdesk", "payments"],
    "categories": ["call notes"],
    "identifiers": ["customer_id", "email"],
}


def with_processors(settings: Settings, **changes: object) -> Settings:
    """The settings with a processor that works at helpdesk and payments, one elsewhere, and one controller."""
    register = {
        "callhouse": CALLHOUSE | changes,
        "elsewhere": CALLHOUSE | {"name": "Elsewhere", "systems": ["shop"]},
        "carrier": CALLHOUSE | {"name": "Carrier", "role": "controller"},
    }
    processors = {key: ProcessorSettings.model_validate(one) for key, one in register.items()}
    return settings.model_copy(update={"processors": processors})


def told_of_erasures(settings: Settings) -> Settings:
    """The settings with a controller of its own: told of an erasure, and not waited for."""
    carrier = ProcessorSettings.model_validate(CALLHOUSE | {"name": "Carrier", "role": "controller"})
    return settings.model_copy(update={"processors": {"carrier": carrier}})
