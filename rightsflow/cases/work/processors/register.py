"""The register of processors: what is doubtful about it, and whom the access answer names (Art. 15(1)(c) GDPR)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rightsflow.config.sections.processor_settings import AskedSettings, ProcessorSettings
from rightsflow.config.sections.system_settings import SystemSettings
from rightsflow.config.settings import Settings
from rightsflow.domain.people import folded
from rightsflow.domain.processors.instructions import MARGIN, is_named, without_section
from rightsflow.domain.processors.terms import ProcessorChannel

_SHORTEST_MONTH = 28


def register_doubts(settings: Settings, systems: Mapping[str, SystemSettings]) -> Iterator[str]:
    """Yield the doubts about the register that a person should check, a sentence each.

    Args:
        settings: The configuration.
        systems: What the record of processing says of each system.
    """
    yield from _doubts_of_processors(settings, systems)
    for system, names in recipients_without_section(systems, settings.processors).items():
        for name in names:
            yield (
                f"[systems.{system}] recipients names {name}, which no section tells of an erasure (Art. 19 GDPR): a "
                f'person does in each case. Add a section [processors.…] with systems = ["{system}"].'
            )
    for key, owner in settings.by_hand.items():
        yield from _doubts_of_days(f"by_hand.{key}", owner)
        if owner.channel is ProcessorChannel.EMAIL:
            yield from _doubts_of_mail(f"by_hand.{key}", settings)


def _doubts_of_processors(settings: Settings, systems: Mapping[str, SystemSettings]) -> Iterator[str]:
    names: dict[str, str] = {}
    for key, processor in settings.processors.items():
        other = names.setdefault(folded(processor.name), key)
        if other != key:
            yield f"{other} and {key} have the same name; give each its own, or make one section of them."
        if processor.role.is_instructed:
            yield from _doubts(key, processor)
        if processor.channel is ProcessorChannel.EMAIL:
            yield from _doubts_of_mail(f"processors.{key}", settings)
        for system in processor.systems:
            if system in systems and systems[system].recipients == "none":
                yield f'[systems.{system}] recipients says "none", but [processors.{key}] works there; correct one.'


def _doubts_of_mail(key: str, settings: Settings) -> Iterator[str]:
    if settings.delivery.mail is None:
        yield f'[{key}] channel is "email", but there is no [delivery.mail]; add it, or use "manual".'
    if (settings.desk.address or "").startswith("http://"):
        yield f"[desk] address is not https, and the links by which [{key}] answers lead there; use https."


def _doubts(key: str, processor_settings: ProcessorSettings) -> Iterator[str]:
    yield from _doubts_of_days(f"processors.{key}", processor_settings)
    if not processor_settings.contract:
        yield f"[processors.{key}] contract is missing; name the contract (Art. 28(3) GDPR)."


def _doubts_of_days(key: str, asked_settings: AskedSettings) -> Iterator[str]:
    if asked_settings.management_contact is None:
        yield f"[{key}] management_contact is missing; name whom to write to where it stays silent."
    longest = _SHORTEST_MONTH - MARGIN.days
    if asked_settings.answers_within_days > longest:
        yield (
            f"[{key}] answers_within_days is {asked_settings.answers_within_days}: more than {longest} days leave no "
            "week before the end of a month; agree on fewer. Each instruction names the earlier day."
        )


def recipients_of(system: str, section: SystemSettings, processors: Mapping[str, ProcessorSettings]) -> tuple[str, ...]:
    """Return the recipients of a system's data: those of its section, and those that only the register names.

    Args:
        system: The system.
        section: Its section.
        processors: The register.
    """
    recipients = section.recipients if isinstance(section.recipients, tuple) else ()
    registered: dict[str, str] = {}
    for processor in processors.values():
        if system in processor.systems:
            registered.setdefault(processor.name, f"{processor.name} ({processor.role.value})")
            for sub in processor.sub_processors:
                registered.setdefault(sub.name, f"{sub.name} (sub-processor of {processor.name})")
    fresh = (
        text for name, text in registered.items() if not any(is_named(recipient, name) for recipient in recipients)
    )
    return (*recipients, *fresh)


def recipients_without_section(
    systems: Mapping[str, SystemSettings], processors: Mapping[str, ProcessorSettings]
) -> dict[str, tuple[str, ...]]:
    """Return the recipients of each system that no section of the register instructs or tells.

    Args:
        systems: What the record of processing says of each system.
        processors: The register.
    """
    recipients: dict[str, tuple[str, ...]] = {}
    for system, section in systems.items():
        there = [processor for processor in processors.values() if system in processor.systems]
        notified = [
            name for processor in there for name in (processor.name, *(sub.name for sub in processor.sub_processors))
        ]
        named = section.recipients if isinstance(section.recipients, tuple) else ()
        recipients[system] = without_section(named, notified)
    return {system: names for system, names in recipients.items() if names}


def transfers_of(system: str, section: SystemSettings, processors: Mapping[str, ProcessorSettings]) -> str:
    """Return the transfers of a system's data to third countries, with their safeguards (Art. 15(2) GDPR).

    Those of its section, and those of the companies of the register that work with its data, by their names.

    Args:
        system: The system.
        section: Its section.
        processors: The register.

    Returns:
        Them in words; empty where the configuration states that there are none.
    """
    companies: dict[str, str] = {}
    for processor in processors.values():
        if system in processor.systems:
            companies.setdefault(processor.name, processor.transfers)
            for sub in processor.sub_processors:
                companies.setdefault(sub.name, sub.transfers)
    own = () if _is_none(section.transfers) else (section.transfers.strip(),)
    fresh = (
        f"{name}: {transfers.strip()}"
        for name, transfers in companies.items()
        if not _is_none(transfers) and transfers.strip() not in own
    )
    return "; ".join((*own, *fresh))


def _is_none(transfers: str) -> bool:
    return transfers.strip().casefold() in {"", "none"}
