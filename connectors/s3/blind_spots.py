"""Objects that a search of a bucket cannot find, by the way in which objects are matched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.s3.settings import Match, MatchByContact, MatchByKey, MatchByMetadata, MatchByTags
from connectors.s3.template import KeyTemplate
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.spellings import CANNOT_FIND


def cannot_find(match: Match) -> tuple[str, ...]:
    """A sentence for each.

    Args:
        match: How objects are found.
    """
    if isinstance(match, MatchByContact):
        return tuple(_of_contacts(match))
    if isinstance(match, MatchByKey):
        return (*_of_keys(match), *_spellings(KeyTemplate(match.template).kinds))
    return (*_of_attributes(match), *_spellings(match.keys.values()))


def _of_attributes(match: MatchByMetadata | MatchByTags) -> Iterator[str]:
    if match.companions:
        yield "Objects that carry nothing under the keys of the settings and lie beside no object that does."
        yield "Objects that name no person, such as transcripts, beside recordings of several people."
    else:
        yield "Objects that carry nothing under the keys of the settings."


def _of_keys(match: MatchByKey) -> Iterator[str]:
    yield f"Objects whose keys do not have the form {match.template}."
    if IdentifierKind.PHONE in KeyTemplate(match.template).kinds:
        yield "Phone numbers that stand in a key with blanks or hyphens in them, or in other digits than 0 to 9."


def _of_contacts(match: MatchByContact) -> Iterator[str]:
    yield "Recordings of contacts whose ids no other system names, since no phone number stands here."
    yield "Attachments, e-mail bodies and other objects whose names do not begin with a contact id."
    if match.since:
        yield f"Objects in folders of days before {match.since.isoformat()}."


def _spellings(kinds: Iterable[IdentifierKind]) -> list[str]:
    return [CANNOT_FIND[kind] for kind in sorted(set(kinds)) if kind in CANNOT_FIND]
