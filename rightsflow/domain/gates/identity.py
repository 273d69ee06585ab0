"""Identity checks as people state them, and by a code sent to an address on file (Art. 12(6) GDPR). Pure.

There is no default: what was done, when, and against which address or number on file since when is stated by the person
who checked, or the identity is not confirmed. Codes follow NIST SP 800-63A (enrolment codes): at least as much chance
as six digits, one use, at most 24 hours by e-mail, so that a person who answers by reply is in time; a low number of
attempts instead of a longer code.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from rightsflow.domain.attribution import Candidate, resolve
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import (
    ELSEWHERE,
    Decision,
    IdentityCheck,
    IdentityMethod,
    Mandate,
    OnFile,
    Representative,
)
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, parse_leniently, strong
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
    email = parse_leniently(IdentifierKind.EMAIL, address) if address else None
    if address and email is None:
        raise BadInput("The representative's e-mail address is not valid; give one such as office@example.com.")
    return Representative(name=name, mandate=known, seen_on=seen, address=email.value if email else "")


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
    if check.on_file_since >= received_on:
        raise BadInput(
            "What the identity was checked against came on file with the request or after it, so it proves nothing; "
            "check against an address or number that was on file before.",
            about="since",
        )


def on_file(check: IdentityCheck) -> str:
    """Describe the data on file, like ``against the e-mail address on file in helpdesk since 3 May 2024``.

    Args:
        check: What was done; of a representative only the mandate and its day are said.
    """
    where = "elsewhere" if check.held_by == ELSEWHERE else f"in {check.held_by}"
    basis = f"against the {check.against.value} on file {where} since {day(check.on_file_since)}"
    agent = check.representative
    return f"{basis}; asked by a representative ({agent.mandate}, seen {day(agent.seen_on)})" if agent else basis


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


CODE_DIGITS: Final = 8
CODE_LASTS: Final = timedelta(hours=24)
MOST_ATTEMPTS: Final = 5
"""Allowed failed attempts at a code."""
MOST_CODES: Final = 3
"""Codes that may be sent within a day."""
_PAUSE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityCode:
    """A code that was made for a case.

    Args:
        number: The how many-eth of the case.
        digest: Its keyed hash.
        system: The system that has the address on file.
        on_file_since: Since when, in the controller's zone.
        made_at: When it was made (aware).
        failures: How often another one was typed.
        is_sent: Whether the mail server took it.
        is_failed: Whether the mail server did not take it.
    """

    number: int
    digest: str
    system: str
    on_file_since: date
    made_at: datetime
    failures: int = 0
    is_sent: bool = False
    is_failed: bool = False

    @property
    def ends_at(self) -> datetime:
        """End of the code's validity (aware)."""
        return self.made_at + CODE_LASTS

    @property
    def attempts_left(self) -> int:
        """Number of attempts left."""
        return max(0, MOST_ATTEMPTS - self.failures)


def refuse_another(codes: Sequence[IdentityCode], now: datetime) -> None:
    """Refuse to send a code too soon after the last one, or too many of them.

    Args:
        codes: Those of the case, oldest first.
        now: The present instant (aware).

    Raises:
        Conflict: It is too soon, or too many were sent.
    """
    if codes and now - codes[-1].made_at < _PAUSE:
        raise Conflict("A code was sent less than a minute ago; wait a minute before you send another one.")
    recent = [code for code in codes if now - code.made_at < CODE_LASTS]
    if len(recent) >= MOST_CODES:
        raise Conflict(
            f"{MOST_CODES} codes were sent within a day, which is the most; check identity in another way, or send the "
            "next one tomorrow."
        )


def code_to_check(codes: Sequence[IdentityCode], now: datetime) -> IdentityCode:
    """Return the code to compare a typed one with: the last one, while it counts.

    Args:
        codes: Those of the case, oldest first.
        now: The present instant (aware).

    Raises:
        Conflict: None was sent, its time is over, or it was tried too often.
    """
    last = codes[-1] if codes else None
    if last is None or last.is_failed:
        raise Conflict("No code has gone out that could be given back; send one.")
    if now >= last.ends_at:
        raise Conflict("The time of the code is over; send another one.")
    if not last.attempts_left:
        raise Conflict(
            f"The code was tried {MOST_ATTEMPTS} times in vain and does not count any more; send another one."
        )
    return last


def read_code(typed: str) -> str:
    """Read the digits of a typed code; spaces and hyphens between them do not count.

    Args:
        typed: As typed.

    Raises:
        BadInput: They are not as many digits as a code has. It does not count as an attempt.
    """
    digits = "".join(item for item in typed if not item.isspace() and item != "-")
    if len(digits) != CODE_DIGITS or not (digits.isascii() and digits.isdigit()):
        raise BadInput(f"The code has {CODE_DIGITS} digits; type all of them.")
    return digits


def spelt(code: str) -> str:
    """Return a code as people read it out: ``1234 5678``.

    Args:
        code: Its digits.
    """
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}"


def masked(address: str) -> str:
    """Return an e-mail address that only its owner recognises: ``a•••@e•••.com``.

    Args:
        address: The address.
    """
    local, _, domain = address.rpartition("@")
    name, dot, ending = domain.rpartition(".")
    return f"{local[:1]}•••@{name[:1]}•••{dot}{ending}" if name else f"{local[:1]}•••@•••"


def proves_all(address: Identifier, asked: Identifiers, candidates: Sequence[Candidate]) -> bool:
    """Return whether the holder of an address is the person behind every identifier in the request.

    A request that names two people's identifiers must not be proved by a code to one of them: each identifier that the
    systems know has to hang together with the address, over records that name both.

    Args:
        address: The address on file.
        asked: The identifiers of the request.
        candidates: What the systems found by them.
    """
    reached = resolve(frozenset({address}), candidates)
    mine = {key for key, whose in reached.attributions.items() if whose.value == "subject"}
    named = strong(_of(candidates))
    if strong(asked) & named - reached.known or asked & reached.contested:
        return False
    others = _of(candidate for candidate in candidates if strong(candidate.owner) and candidate.key not in mine)
    return not any(other.kind.is_weak for other in asked & others)


def _of(candidates: Iterable[Candidate]) -> Identifiers:
    return frozenset().union(*(candidate.owner for candidate in candidates))
