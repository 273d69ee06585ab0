"""A register of processors for a bench."""

from __future__ import annotations

from rightsflow.config.sections.processor_settings import ByHandSettings, ProcessorSettings
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


ARCHIVE = {
    "name": "CCTV archive",
    "owner": "Building security",
    "contact": "security@example.com",
    "management_contact": "facilities@example.com",
    "purposes": ["safety of the service centre"],
    "categories": ["video recordings"],
    "source": "cameras in the service centre",
    "recipients": "none",
    "retention": "72 hours, and longer what is needed as evidence",
    "transfers": "none",
    "identifiers": ["customer_id", "email"],
    "answers_within_days": 5,
}


def with_archive(settings: Settings, **changes: object) -> Settings:
    """The settings with an archive that no program reaches; its owner looks in it by hand."""
    archive = ByHandSettings.model_validate(ARCHIVE | changes)
    return settings.model_copy(update={"by_hand": {"cctv": archive}})
