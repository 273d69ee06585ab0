"""A controller's request over OpenDSR 2.0, read: usable, or refused with what is wrong and never with its values. Pure.

What is not known is refused, and nothing favourable is assumed: the sender is known, and what it sends is not.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, identifier
from rightsflow.domain.orders.order import AskedOrder
from rightsflow.domain.processors.instructing import Exclusion
from rightsflow.domain.processors.opendsr import EXTENSION, IDENTITY_TYPES, RAW, REQUEST_TYPES
from rightsflow.domain.vocabulary.rights import Right

OLDEST: Final = timedelta(hours=24)
"""Oldest request that is accepted, so that a recorded request is not an order for ever."""
AHEAD: Final = timedelta(minutes=5)
"""Largest lead of the controller's clock over ours."""
MOST_IDENTITIES: Final = 50
MOST_CALLBACKS: Final = 5
MOST_EXCLUSIONS: Final = 200
_LONGEST: Final = 500
_HOST: Final = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
_CALLBACK: Final = re.compile(rf"https://(?P<host>{_HOST})(?::(?P<port>[1-9][0-9]{{0,4}}))?(?:/[\x21\x22\x24-\x7e]*)?")
_VERSION: Final = "2."
_UUID_VERSION: Final = 4
_KINDS: Final = {name: kind for kind, name in IDENTITY_TYPES.items()}
_RIGHTS: Final = {name: right for right, name in REQUEST_TYPES.items()}


class OrderFault(BadInput):
    """A request is not usable.

    Args:
        field: Which part of it.
        text: What is wrong and how to put it right; quotes nothing of it.
    """

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text, about=field)


def read_order(body: bytes, now: datetime) -> AskedOrder:
    """Read a request.

    Args:
        body: Its body.
        now: The present instant (aware).

    Raises:
        OrderFault: It is not usable.
    """
    said = _object(body)
    if said.get("regulation") != "gdpr":
        raise OrderFault("regulation", "Only requests under the regulation gdpr are taken.")
    version = said.get("api_version", "2.0")
    if not isinstance(version, str) or not version.startswith(_VERSION):
        raise OrderFault("api_version", "Only version 2 is spoken; send api_version 2.0.")
    extension = _extension(said)
    asked = {name: value for name, value in said.items() if name != "submitted_time"}
    plain = json.dumps(asked, sort_keys=True, separators=(",", ":")).encode()
    return AskedOrder(
        request_id=read_request_id(said.get("subject_request_id")),
        right=_right(said.get("subject_request_type")),
        identifiers=_identities(said.get("subject_identities")),
        submitted_at=_submitted(said.get("submitted_time"), now),
        callbacks=_callbacks(said.get("status_callback_urls", [])),
        exclusions=_exclusions(extension.get("exclusions", [])),
        wanted_on=_day("due_on", extension["due_on"]) if "due_on" in extension else None,
        processor_domain=_line("processor_domain", extension.get("processor_domain", "")),
        digest=hashlib.sha256(plain).hexdigest(),
    )


def read_request_id(given: object) -> str:
    """The id of a request: a UUID of version 4 in its usual form.

    Args:
        given: What was given as one.

    Raises:
        OrderFault: It is none.
    """
    try:
        read = UUID(given) if isinstance(given, str) else None
    except ValueError:
        read = None
    if read is None or read.version != _UUID_VERSION or str(read) != given:
        raise OrderFault("subject_request_id", "The subject_request_id is not a UUID of version 4; send one.")
    return str(read)


def place_of_callback(url: str) -> str:
    """Host and port of a callback's address, such as ``dsr.example.com`` or ``dsr.example.com:8443``.

    Args:
        url: The address.

    Raises:
        OrderFault: It is no https address with the name of a host.
    """
    found = _CALLBACK.fullmatch(url)
    host, port = (found["host"].lower(), found["port"]) if found else ("", "")
    # An address in numbers has no letter in its last part.
    if not any(letter.isalpha() for letter in host.rpartition(".")[2]):
        raise OrderFault(
            "status_callback_urls", "A callback goes to an https address with the name of a host; send such addresses."
        )
    return f"{host}:{port}" if port and port != "443" else host


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise OrderFault("body", "The body is not a JSON object; send one.")
    return said


def _extension(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the extension of another Rightsflow; extensions of others are passed over."""
    extensions = said.get("extensions", {})
    ours = extensions.get(EXTENSION, {}) if isinstance(extensions, dict) else None
    if not isinstance(ours, dict):
        raise OrderFault("extensions", "The extensions are not objects by domain; send them so, or none.")
    if set(ours) - {"exclusions", "due_on", "processor_domain"}:
        raise OrderFault("extensions", "The extension has a part that is not known here; leave it out.")
    return ours


def _right(given: object) -> Right:
    right = _RIGHTS.get(given) if isinstance(given, str) else None
    if right is None:
        raise OrderFault("subject_request_type", f"Only these types are taken: {', '.join(sorted(_RIGHTS))}.")
    return right


def _identities(given: object) -> Identifiers:
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_IDENTITIES:
        raise OrderFault("subject_identities", f"Name 1 to {MOST_IDENTITIES} subject_identities.")
    return frozenset(map(_identity, given))


def _identity(item: object) -> Identifier:
    said = item if isinstance(item, dict) else {}
    kind, value = said.get("identity_type"), said.get("identity_value")
    known = _KINDS.get(kind) if isinstance(kind, str) else None
    if known is None or said.get("identity_format") != RAW or not isinstance(value, str):
        raise OrderFault(
            "subject_identities", f"Only raw identities of these types are taken: {', '.join(sorted(_KINDS))}."
        )
    return _read_identity(known, value)


def _read_identity(kind: IdentifierKind, value: str) -> Identifier:
    try:
        return identifier(kind, value)
    except BadInput as error:
        raise OrderFault("subject_identities", str(error)) from None


def _submitted(given: object, now: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise OrderFault("submitted_time", "The submitted_time is not an instant with its zone (RFC 3339); send one.")
    if not now - OLDEST <= at <= now + AHEAD:
        raise OrderFault(
            "submitted_time", "The submitted_time lies in the future, or more than a day back; send the request anew."
        )
    return at


def _callbacks(given: object) -> tuple[str, ...]:
    if not isinstance(given, list) or len(given) > MOST_CALLBACKS:
        raise OrderFault("status_callback_urls", f"Name at most {MOST_CALLBACKS} status_callback_urls.")
    urls = tuple(_line("status_callback_urls", item) for item in given)
    for url in urls:
        place_of_callback(url)
    return tuple(dict.fromkeys(urls))


def _exclusions(given: object) -> tuple[Exclusion, ...]:
    if not isinstance(given, list) or len(given) > MOST_EXCLUSIONS or not all(isinstance(item, dict) for item in given):
        raise OrderFault("exclusions", f"The exclusions are not a list of at most {MOST_EXCLUSIONS} objects.")
    return tuple(map(_exclusion, given))


def _exclusion(said: Mapping[str, Any]) -> Exclusion:
    category, provision = _line("exclusions", said.get("category")), _line("exclusions", said.get("provision"))
    if not category or not provision:
        raise OrderFault("exclusions", "Each exclusion needs its category and its provision.")
    return Exclusion(
        category=category,
        provision=provision,
        until=_day("exclusions", said["until"]) if said.get("until") else None,
        ends_when=_line("exclusions", said.get("ends_when") or ""),
    )


def _line(field: str, given: object) -> str:
    if not isinstance(given, str) or len(given) > _LONGEST or not (given.isprintable() or not given):
        raise OrderFault(field, f"A part is no text of one line with at most {_LONGEST} letters; correct it.")
    return given


def _day(field: str, given: object) -> date:
    try:
        return date.fromisoformat(given if isinstance(given, str) else "")
    except ValueError:
        raise OrderFault(field, "A day is not like 2026-03-05; correct it.") from None
