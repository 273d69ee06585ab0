"""Described systems on doubles."""

from __future__ import annotations

from typing import Any

from connectors.http import Patience
from connectors.registry import ControllerPlace
from connectors.rest import RestConnector, RestSettings
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier

PLACE = ControllerPlace(country="DE", timezone="Europe/Berlin")
IMPATIENT = Patience(sleep=lambda _: None, retries=0)


def connector_on(
    address: str, file: str, secret: str, *, system: str = "desk", place: ControllerPlace = PLACE, **more: Any
) -> RestConnector:
    """A described system at an address.

    Args:
        address: Where its API is.
        file: Its description.
        secret: What signs in; put into the environment.
        system: Its name.
        place: Where the controller is.
        more: Further keys of its section.
    """
    section = {
        "connector": "rest",
        "purposes": ["service"],
        "categories": ["contact data"],
        "source": "the data subject",
        "retention": "24 months",
        "file": file,
        "base_url": address,
        "secret": secret,
        **more,
    }
    return RestConnector(system, RestSettings.model_validate(section), place, IMPATIENT)


def known(**given: str) -> Identifiers:
    """Identifiers by the names of their kinds."""
    return frozenset(identifier(IdentifierKind(kind), value, issuer="desk") for kind, value in given.items())
