"""The available connectors, and one instance per configured system.

Connectors, ours and those of third parties, register in the entry-point group ``rightsflow.connectors`` with an
object of :class:`ConnectorType`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from connectors.extras import how_to_install
from rightsflow.config.sections.section import validate
from rightsflow.config.sections.system_settings import SystemSettings
from rightsflow.config.settings import Settings
from rightsflow.domain.connector import Connector
from rightsflow.domain.errors import Misconfigured

GROUP = "rightsflow.connectors"
_MEMBERS = tuple(name for name in vars(Connector) if not name.startswith("_"))


@dataclass(frozen=True, slots=True)
class ControllerPlace:
    """A controller's country, time zone and telephone lines, which a connector may need.

    Args:
        country: ISO 3166-1 alpha-2 code, in which national phone numbers are read.
        timezone: IANA name of the zone in which times without one are read.
        own_lines: The controller's own telephone lines in E.164; a trailing ``*`` means a block.
    """

    country: str
    timezone: str
    own_lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectorType:
    """A connector's registration.

    Args:
        settings: Its section of the configuration.
        build: Makes an instance from the system's name, its settings and the place. It opens no connection yet.
    """

    settings: type[SystemSettings]
    build: Callable[[str, Any, ControllerPlace], Connector]


def connectors_for(settings: Settings) -> dict[str, Connector]:
    """Return a connector for each configured system.

    Raises:
        Misconfigured: A section names an unknown connector, has a wrong key, says that a system which is not
            configured issues account ids, or states the document class of a kind of record that there is not.
    """
    connectors = {system: connector_for(settings, system) for system in settings.systems}
    for system, connector in connectors.items():
        if unknown := sorted(connector.capabilities.account_issuers - settings.systems.keys()):
            known = ", ".join(sorted(settings.systems))
            raise Misconfigured(
                f"rightsflow.toml [systems.{system}]: the issuer {unknown[0]} of account ids is no configured system; "
                f"use one of {known}."
            )
        _refuse_unknown_kinds(system, connector, settings)
    return connectors


def _refuse_unknown_kinds(system: str, connector: Connector, settings: Settings) -> None:
    """Refuse a statement about an unknown kind of record, which would otherwise seem to cover something."""
    kinds = sorted(kind.name for kind in connector.capabilities.kinds)
    section = _section(settings, system)[1]
    of_kinds = {
        "document_classes": section.document_classes,
        "marketing": section.marketing or (),
        "consent": section.consent or (),
    }
    for key, stated in of_kinds.items():
        if unknown := sorted(set(stated) - set(kinds)):
            raise Misconfigured(
                f"rightsflow.toml [systems.{system}]: {key} names the kind {unknown[0]}, which this connector does not "
                f"have; its kinds are {', '.join(kinds)}."
            )


def connector_for(settings: Settings, system: str) -> Connector:
    """The connector of one configured system.

    Raises:
        Misconfigured: The system is not configured, names an unknown connector or has a wrong key; or its connector is
            not whole.
    """
    kind, section = _section(settings, system)
    controller = settings.controller
    place = ControllerPlace(country=controller.country, timezone=controller.timezone, own_lines=controller.lines)
    connector = kind.build(system, section, place)
    if missing := [name for name in _MEMBERS if not hasattr(connector, name)]:
        raise Misconfigured(
            f"rightsflow.toml [systems.{system}]: its connector has no {', '.join(missing)}; give it every member of "
            "rightsflow.domain.connector.Connector."
        )
    return connector


def system_settings(settings: Settings) -> dict[str, SystemSettings]:
    """Return the validated section of each system, for the record of processing.

    Raises:
        Misconfigured: A section names an unknown connector or has a wrong key.
    """
    return {system: _section(settings, system)[1] for system in settings.systems}


def _section(settings: Settings, system: str) -> tuple[ConnectorType, SystemSettings]:
    if system not in settings.systems:
        raise Misconfigured(f"There is no [systems.{system}] in the configuration; add it.")
    where = f"rightsflow.toml [systems.{system}]"
    raw = settings.systems[system]
    if "connector" not in raw:
        raise Misconfigured(f"{where}: the key connector is missing; add it.")
    name = str(raw["connector"])
    known = _entry_points()
    if name not in known:
        raise Misconfigured(f"{where}: the key connector is wrong: use one of {', '.join(sorted(known))}.")
    kind = _load(known[name], where)
    return kind, validate(kind.settings, raw, where)


@cache
def _entry_points() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _load(entry: EntryPoint, where: str) -> ConnectorType:
    """Load the named connector only: a broken or missing package affects no one who does not use it."""
    try:
        found = entry.load()
    except (ImportError, AttributeError) as error:
        found, install = None, how_to_install(error)
        if install:
            raise Misconfigured(f"{where}: the connector {entry.name} needs a library; {install}.") from None
    if not isinstance(found, ConnectorType):
        raise Misconfigured(f"{where}: the connector {entry.name} cannot be loaded; install its package again.")
    return found
