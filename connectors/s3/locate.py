"""Choice of the finder by the settings."""

from __future__ import annotations

from connectors.registry import ControllerPlace
from connectors.s3.attribute_finder import AttributeFinder
from connectors.s3.contact_finder import ContactFinder
from connectors.s3.hits import Finder
from connectors.s3.key_finder import KeyFinder
from connectors.s3.settings import MatchByContact, MatchByKey, S3Settings


def finder_for(system: str, settings: S3Settings, place: ControllerPlace) -> Finder:
    """The finder for the settings' ``match``.

    Args:
        system: The system's name, which issued the account ids where the settings name no other issuer.
        settings: Its section.
        place: The controller's country, in which national numbers are read, and its own lines.
    """
    match, issuer = settings.match, settings.match.issuer or system
    if isinstance(match, MatchByContact):
        return ContactFinder(match, settings.prefix, issuer)
    if isinstance(match, MatchByKey):
        return KeyFinder(match, settings.prefix, place.country, issuer)
    return AttributeFinder(match, settings, place, issuer)
