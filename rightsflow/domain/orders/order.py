"""An order: what a controller asks of us, its processor, over OpenDSR 2.0, and its status in answers. Pure.

Source: https://github.com/opengdpr/OpenDSR, ``specification.md``, version 2.0. An unusable request is refused with its
fault and never with its values; an unknown value is refused, since the sender is known and its content is not.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from rightsflow.domain.deadlines.receipt import end_of_day
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, identifier
from rightsflow.domain.processors.instructions import Exclusion
from rightsflow.domain.processors.opendsr import EXTENSION, IDENTITY_TYPES, RAW, REQUEST_TYPES, OpenDsrStatus
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedOrder:
    """An order as it was read from a controller's request.

    Args:
        request_id: By which both sides know it, a UUID of version 4.
        right: What is asked for.
        identifiers: What we are told of the person.
        submitted_at: When the controller says that it asked (aware).
        callbacks: Where it wants to be told of changes.
        exclusions: What we have to keep, since the controller has to.
        wanted_on: The day by which the controller wants it proved; ``None`` where it names none.
        processor_domain: Whom the controller says that it asks; empty where it does not say.
        digest: The SHA-256 of what is asked, without when: the same request sent again has the same.
    """

    request_id: str
    right: Right
    identifiers: Identifiers = field(repr=False)
    submitted_at: datetime
    callbacks: tuple[str, ...]
    exclusions: tuple[Exclusion, ...]
    wanted_on: date | None
    processor_domain: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order that is to be stored with its case.

    Args:
        asked: The order.
        controller: The controller's key in the configuration.
        name: Its name.
        controller_id: What both sides call it.
        systems: The systems that hold data for it; no other is searched.
        due_on: The day by which it is to be proved, in our zone.
    """

    asked: AskedOrder
    controller: str
    name: str
    controller_id: str
    systems: tuple[str, ...]
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order that the case file holds, without what it says of the person.

    Args:
        case_id: Its case.
        controller: The controller's key in the configuration.
        name: Its name.
        controller_id: What both sides call it.
        request_id: By which both sides know it.
        digest: The SHA-256 of what was asked.
        received_at: When it arrived (aware).
        systems: The systems that hold data for the controller.
        callbacks: Where the controller wants to be told of changes.
        exclusions: What we have to keep, since the controller has to.
        due_on: The day by which it is to be proved, in our zone.
        status: Where it stands.
        results: How many records its certificate speaks of; ``None`` while there is none.
        completed_at: When its certificate was made (aware), or ``None``.
        told: What the controller was told last by a callback; empty for nothing.
    """

    case_id: str
    controller: str
    name: str
    controller_id: str
    request_id: str
    digest: str
    received_at: datetime
    systems: tuple[str, ...]
    callbacks: tuple[str, ...]
    exclusions: tuple[Exclusion, ...]
    due_on: date
    status: OpenDsrStatus
    results: int | None
    completed_at: datetime | None
    told: str = ""

    @property
    def is_completed(self) -> bool:
        """True if the certificate of the order can be fetched."""
        return self.completed_at is not None

    @property
    def is_to_be_told(self) -> bool:
        """True if the controller wants notices of changes, and was not notified of the last one."""
        return bool(self.callbacks) and self.told != self.status.value


def status_of(state: CaseState, *, has_begun: bool, is_completed: bool) -> OpenDsrStatus:
    """Return the status of an order, in the words of the specification; a refusal is *cancelled* there.

    Args:
        state: Where its case stands.
        has_begun: Whether anything was done for it.
        is_completed: Whether its certificate was made.
    """
    if is_completed:
        return OpenDsrStatus.COMPLETED
    if state is CaseState.REFUSED or state.ends_unanswered:
        return OpenDsrStatus.CANCELLED
    return OpenDsrStatus.IN_PROGRESS if has_begun else OpenDsrStatus.PENDING


VERSION: Final = "2.0"


class OrderWords:
    """The words of one installation.

    Args:
        base_url: The address under which controllers reach it.
        zone: The zone in which its days are counted.
    """

    def __init__(self, base_url: str, zone: ZoneInfo) -> None:
        self._base = base_url
        self._zone = zone

    def receipt(self, order: Order, body: bytes) -> dict[str, object]:
        """Return the receipt of a request.

        Args:
            order: What it became.
            body: Its bytes.
        """
        encoded = base64.b64encode(body).decode()
        return self._common(order) | {"received_time": _instant(order.received_at), "encoded_request": encoded}

    def cancelled(self, order: Order, at: datetime) -> dict[str, object]:
        """Return the confirmation that a request was cancelled.

        Args:
            order: The order.
            at: When that was received (aware).
        """
        return {
            "controller_id": order.controller_id,
            "subject_request_id": order.request_id,
            "received_time": _instant(at),
            "api_version": VERSION,
        }

    def status(self, order: Order) -> dict[str, object]:
        """Return the status of a request.

        Args:
            order: The order.
        """
        return self._status(order) | {"api_version": VERSION}

    def callback(self, order: Order, url: str) -> dict[str, object]:
        """Return the status as a controller receives it at an address of its own.

        Args:
            order: The order.
            url: The address.
        """
        return self._status(order) | {"status_callback_url": url}

    def _status(self, order: Order) -> dict[str, object]:
        fields = self._common(order) | {"request_status": order.status.value}
        if not order.is_completed:
            return fields
        url = f"{self._base}/requests/{order.request_id}/results"
        return fields | {"results_url": url, "results_count": order.results}

    def _common(self, order: Order) -> dict[str, object]:
        return {
            "controller_id": order.controller_id,
            "expected_completion_time": _instant(end_of_day(order.due_on, self._zone)),
            "subject_request_id": order.request_id,
        }


def _instant(at: datetime) -> str:
    """Return an instant as the specification writes it (RFC 3339)."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


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
    fields = _object(body)
    if fields.get("regulation") != "gdpr":
        raise OrderFault("regulation", "Only requests under the regulation gdpr are taken.")
    version = fields.get("api_version", "2.0")
    if not isinstance(version, str) or not version.startswith(_VERSION):
        raise OrderFault("api_version", "Only version 2 is spoken; send api_version 2.0.")
    extension = _extension(fields)
    asked = {name: value for name, value in fields.items() if name != "submitted_time"}
    plain = json.dumps(asked, sort_keys=True, separators=(",", ":")).encode()
    return AskedOrder(
        request_id=read_request_id(fields.get("subject_request_id")),
        right=_right(fields.get("subject_request_type")),
        identifiers=_identities(fields.get("subject_identities")),
        submitted_at=_submitted(fields.get("submitted_time"), now),
        callbacks=_callbacks(fields.get("status_callback_urls", [])),
        exclusions=_exclusions(extension.get("exclusions", [])),
        wanted_on=_day("due_on", extension["due_on"]) if "due_on" in extension else None,
        processor_domain=_line("processor_domain", extension.get("processor_domain", "")),
        digest=hashlib.sha256(plain).hexdigest(),
    )


def read_request_id(given: object) -> str:
    """Read the id of a request: a UUID of version 4 in its usual form.

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
    match = _CALLBACK.fullmatch(url)
    host, port = (match["host"].lower(), match["port"]) if match else ("", "")
    # An address in numbers has no letter in its last part.
    if not any(letter.isalpha() for letter in host.rpartition(".")[2]):
        raise OrderFault(
            "status_callback_urls", "A callback goes to an https address with the name of a host; send such addresses."
        )
    return f"{host}:{port}" if port and port != "443" else host


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise OrderFault("body", "The body is not a JSON object; send one.")
    return value


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
    fields = item if isinstance(item, dict) else {}
    kind, value = fields.get("identity_type"), fields.get("identity_value")
    known = _KINDS.get(kind) if isinstance(kind, str) else None
    if known is None or fields.get("identity_format") != RAW or not isinstance(value, str):
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
