"""Identity checks as people state them: read from text, complete or refused with a sentence (Art. 12(6) GDPR). Pure.

There is no default: what was done, when, and against which address or number on file since when is stated by the person
who checked, or the identity is not confirmed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import (
    ELSEWHERE,
    Decision,
    IdentityCheck,
    IdentityMethod,
    Mandate,
    OnFile,
    Representative,
)
from rightsflow.domain.identifiers import IdentifierKind, parse_leniently
from rightsflow.domain.wording import day

_LONGEST_NAME: Final = 200
_NAMES: Final = {
    "method": "how the identity was checked",
    "done": "what was done",
    "at": "when it was done",
    "against": "which address or number on file it was checked against",
    "held_by": "which system holds that",
    "since": "since when it is on file",
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StatedCheck:
    """An identity check as it was typed.

    Args:
        method: How; one of :class:`IdentityMethod`, or own words.
        done: What was done.
        at: When, like ``2026-03-05T10:00+01:00``; without an offset in the controller's time.
        against: One of :class:`OnFile`.
        held_by: The system that holds it.
        since: Since which day it is on file, like ``2024-05-03``.
    """

    method: str = ""
    done: str = ""
    at: str = ""
    against: str = ""
    held_by: str = ""
    since: str = ""

    @property
    def missing(self) -> list[str]:
        """Names of the missing fields, in words."""
        return [_NAMES[field.name] for field in fields(self) if not getattr(self, field.name).strip()]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StatedMandate:
    """A representative and mandate as typed; empty if the person asks for themself.

    Args:
        name: Who.
        mandate: One of :class:`Mandate`.
        seen_on: When the mandate was seen, like ``2026-03-05``.
        address: The e-mail address at which they receive the letters; may be empty.
    """

    name: str = ""
    mandate: str = ""
    seen_on: str = ""
    address: str = ""


def read_mandate(stated: StatedMandate, today: date) -> Representative | None:
    """Read the representative; ``None`` if nothing was typed.

    Args:
        stated: As it was typed.
        today: The present day in the controller's zone.

    Raises:
        BadInput: Only a part was stated, or it cannot be read.
    """
    name, mandate, seen_on = (" ".join(item.split()) for item in (stated.name, stated.mandate, stated.seen_on))
    address = stated.address.strip()
    if not (name or mandate or seen_on or address):
        return None
    if not (name and mandate and seen_on):
        raise BadInput("Of a representative say who it is, which mandate was seen, and on which day; or nothing.")
    known = next((item for item in Mandate if item.value == mandate), None)
    if known is None:
        raise BadInput(f"The mandate is one of: {', '.join(Mandate)}.")
    if not name.isprintable() or len(name) > _LONGEST_NAME:
        raise BadInput(f"The representative's name is not valid; give 1 to {_LONGEST_NAME} printable characters.")
    seen = _day(seen_on, "The day on which the mandate was seen")
    if seen > today:
        raise BadInput("The day on which the mandate was seen lies in the future; correct it.")
    found = parse_leniently(IdentifierKind.EMAIL, address) if address else None
    if address and found is None:
        raise BadInput("The representative's e-mail address is not valid; give one such as office@example.com.")
    return Representative(name=name, mandate=known, seen_on=seen, address=found.value if found else "")


def read_check(stated: StatedCheck, zone: ZoneInfo, systems: Collection[str]) -> tuple[IdentityMethod, IdentityCheck]:
    """Read the method and the check.

    Args:
        stated: As it was typed.
        zone: The controller's time zone.
        systems: The configured systems.

    Raises:
        BadInput: Something is missing, or cannot be read.
    """
    if missing := stated.missing:
        raise BadInput(_incomplete(missing))
    method, own_words = IdentityMethod.read(stated.method)
    return method, IdentityCheck(
        done=" ".join(filter(None, (own_words and f"{own_words}:", *stated.done.split()))),
        at=_instant(stated.at, zone),
        against=_on_file(stated.against),
        held_by=_system(stated.held_by, systems),
        on_file_since=_day(stated.since),
    )


def refuse_unproven(decision: Decision, *, received_at: datetime, now: datetime, zone: ZoneInfo) -> None:
    """Refuse a confirmation without the check, its time and the data on file; nothing favourable is assumed.

    Args:
        decision: A confirmation of identity.
        received_at: When the request was received (aware).
        now: The present instant (aware).
        zone: The controller's time zone.

    Raises:
        BadInput: Something of that is missing, or proves nothing of this request.
    """
    if decision.method is None or decision.check is None:
        raise BadInput(_incomplete(StatedCheck(method=decision.method or "").missing))
    refuse_impossible(decision.check, received_at=received_at, now=now, zone=zone)


def refuse_impossible(check: IdentityCheck, *, received_at: datetime, now: datetime, zone: ZoneInfo) -> None:
    """Refuse a check that proves nothing of this request.

    Args:
        check: What was done.
        received_at: When the request was received (aware).
        now: The present instant (aware).
        zone: The controller's time zone.

    Raises:
        BadInput: It lies in the future or before the request, or it was against what came on file after the request.
    """
    received_on = received_at.astimezone(zone).date()
    if check.at > now:
        raise BadInput("The check of the identity lies in the future; correct its time.", about="at")
    if check.at.astimezone(zone).date() < received_on:
        raise BadInput(
            "The check of the identity lies before the request, so it says nothing of it; check again.", about="at"
        )
    if check.on_file_since > received_on:
        raise BadInput(
            "What the identity was checked against came on file after the request, so it proves nothing; check against "
            "an address or number that was on file before.",
            about="since",
        )


def on_file(check: IdentityCheck) -> str:
    """Describe the data on file, like ``against the e-mail address on file in helpdesk since 3 May 2024``.

    Args:
        check: What was done; of a representative only the mandate and its day are said.
    """
    where = "elsewhere" if check.held_by == ELSEWHERE else f"in {check.held_by}"
    said = f"against the {check.against.value} on file {where} since {day(check.on_file_since)}"
    found = check.representative
    return f"{said}; asked by a representative ({found.mandate}, seen {day(found.seen_on)})" if found else said


def _instant(typed: str, zone: ZoneInfo) -> datetime:
    try:
        if len(typed.strip()) > len("2026-03-05"):
            at = datetime.fromisoformat(typed.strip())
            return at if at.tzinfo else at.replace(tzinfo=zone)
    except ValueError:
        pass
    raise BadInput(
        "The time of the check is not readable; write day and time like 2026-03-05T10:00, in the controller's zone, or "
        "with another zone's offset, like 2026-03-05T09:00+00:00.",
        about="at",
    )


def _day(typed: str, what: str = "The day since when it is on file") -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise BadInput(f"{what} is not readable; write it like 2024-05-03.", about="since") from None


def _on_file(typed: str) -> OnFile:
    given = " ".join(typed.split()).casefold()
    known = next((item for item in OnFile if item.value == given), None)
    if known is None:
        raise BadInput(
            f"What the identity was checked against is one of: {', '.join(OnFile)}; give that, and never the value.",
            about="against",
        )
    return known


def _system(typed: str, systems: Collection[str]) -> str:
    name = typed.strip()
    if name != ELSEWHERE and name not in systems:
        raise BadInput(
            f"The system that holds it is one of: {', '.join([*systems, ELSEWHERE])}; with {ELSEWHERE}, say where in "
            "what was done.",
            about="held_by",
        )
    return name


def _incomplete(missing: list[str]) -> str:
    listed = f"{', '.join(missing[:-1])} and {missing[-1]}" if missing[1:] else missing[0]
    return f"The identity is not confirmed without all facts of the check; say {listed}."
