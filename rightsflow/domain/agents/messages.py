"""Signed messages of an authorised agent, and refusals of its calls, whose text never repeats a value. Pure.

Source: https://github.com/consumer-reports-innovation-lab/data-rights-protocol, ``data-rights-protocol.md``, version
1.0 of 8 August 2025, sections 2.01, 2.04, 2.05, 3.04 and 3.07. The signature was checked before anything is read here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from rightsflow.domain.agents.requests import AgentClaims, AskedByAgent, Exercise
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, identifier
from rightsflow.domain.orders.order import OrderFault, place_of_callback
from rightsflow.domain.vocabulary.rights import Right


class DrpCode(StrEnum):
    """The codes of refused calls; agents' programs read them, so they stay as they are."""

    NOT_BASE64 = "not_base64"
    NOT_SIGNED = "not_signed"
    WRONG_AGENT = "wrong_agent"
    WRONG_BUSINESS = "wrong_business"
    TOO_EARLY = "too_early"
    EXPIRED = "expired"
    WINDOW_TOO_LONG = "window_too_long"
    VERSION = "unsupported_version"
    ACTION = "unsupported_action"
    UNUSABLE = "unusable_message"
    REPLAYED = "replayed"
    FINAL = "not_revocable"


class DrpFault(BadInput):
    """A message is not usable; nothing was changed.

    Args:
        code: Why.
        text: What is wrong and how to put it right; quotes nothing of it.
        is_fatal: Whether the same message can never be taken.
        request_id: The request that the same message became before; empty for none.
    """

    def __init__(self, code: DrpCode, text: str, *, is_fatal: bool = False, request_id: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.is_fatal = is_fatal
        self.request_id = request_id


VERSION: Final = "1.0"
LONGEST_WINDOW: Final = timedelta(minutes=30)
"""Longest validity accepted for a message, which can be replayed meanwhile; the protocol recommends ten minutes."""
MOST_RELATIONSHIPS: Final = 20
_LONGEST: Final = 500
_LONGEST_ID: Final = 200
_LONGEST_ATTORNEY: Final = 20_000
_RIGHTS: Final = {
    Exercise.DELETION: Right.ERASURE,
    Exercise.ACCESS: Right.ACCESS,
    Exercise.ACCESS_SPECIFIC: Right.ACCESS,
}
"""Supported exercises. A copy of everything is more than its categories, so ``access:categories`` is not among them."""
_FOUND_BY: Final = {"email": IdentifierKind.EMAIL, "phone_number": IdentifierKind.PHONE, "name": IdentifierKind.NAME}
_VERIFIED: Final = ("email_verified", "phone_number_verified", "address_verified")
_ADDRESS: Final = ("street_address", "postal_code", "locality", "region", "country")
_COUNTRY_LETTERS: Final = 2
_HEADER: Final = frozenset({"agent-id", "business-id", "issued-at", "expires-at", "drp.version"})
_REASON: Final = "reason"


class MessageKind(StrEnum):
    """The calls for which agents sign messages; a message signed for one of them counts for no other."""

    PAIRING = "agent token"
    EXERCISE = "data rights request"
    REVOCATION = "revocation"


def read_message(plain: bytes, kind: MessageKind) -> Mapping[str, object]:
    """Read a signed message as a JSON object; a name that occurs twice in it makes it unusable.

    The protocol's messages do not say for which call they were signed; their names do.

    Args:
        plain: The bytes that were signed.
        kind: The call with which the message came.

    Raises:
        DrpFault: It is no JSON object, or was signed for another call.
    """
    try:
        message = json.loads(plain.decode("utf-8"), object_pairs_hook=_without_doubles, parse_constant=_no_number)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise _unusable("What is signed is not a JSON object with each name once; send one.")
    if _kind_of(message) is not kind:
        raise _unusable(f"The message was not signed for this call; sign a message for the {kind}.")
    return message


def check_addressed(said: Mapping[str, object], *, agent_id: str, business_id: str, now: datetime) -> datetime:
    """Check that a message is from this agent, addressed to us and valid now (section 3.07); return when it was issued.

    Args:
        said: The message.
        agent_id: The agent whose key fits the signature.
        business_id: What agents call us.
        now: The present instant (aware).

    Raises:
        DrpFault: It is not.
    """
    if said.get("agent-id") != agent_id:
        raise DrpFault(DrpCode.WRONG_AGENT, "The agent-id is not the one of the key that signed; send your own.")
    if said.get("business-id") != business_id:
        raise DrpFault(DrpCode.WRONG_BUSINESS, "The business-id is another's; send the message there.")
    issued_at, expires_at = _instant(said, "issued-at"), _instant(said, "expires-at")
    if now < issued_at:
        raise DrpFault(DrpCode.TOO_EARLY, "The issued-at lies in the future; set your clock, and sign anew.")
    if now >= expires_at:
        raise DrpFault(DrpCode.EXPIRED, "The expires-at is over; sign the message anew.", is_fatal=True)
    if expires_at - issued_at > LONGEST_WINDOW:
        minutes = LONGEST_WINDOW // timedelta(minutes=1)
        raise DrpFault(
            DrpCode.WINDOW_TOO_LONG, f"A message counts for {minutes} minutes at most; sign it for a shorter time."
        )
    if said.get("drp.version") != VERSION:
        raise DrpFault(DrpCode.VERSION, f"Only drp.version {VERSION} is spoken; send that.", is_fatal=True)
    return issued_at


def read_exercise(said: Mapping[str, object], *, agent_id: str, plain: bytes) -> AskedByAgent:
    """Read what an agent asks for, from a message that is known to be its own and of now.

    Args:
        said: The message.
        agent_id: The agent.
        plain: The same, as it was signed.

    Raises:
        DrpFault: It is not usable, or asks for what is not done here.
    """
    exercise, regime = _exercise(said.get("exercise")), said.get("regime", "")
    if regime not in ("", "ccpa"):
        raise _unusable("The regime is ccpa or left out; correct it.")
    address = _address(said.get("address"))
    return AskedByAgent(
        exercise=exercise,
        right=_right(exercise),
        regime=regime,
        identifiers=_identifiers(said),
        agent_request_id=_line(said, "agent-request-id", _LONGEST_ID),
        relationships=_relationships(said.get("relationships", [])),
        callback=_callback(_line(said, "status_callback", _LONGEST)),
        claims=AgentClaims(
            verified=tuple(name.removesuffix("_verified") for name in _VERIFIED if _flag(said, name)),
            has_attorney=bool(_text(said, "power_of_attorney", _LONGEST_ATTORNEY).strip()),
        ),
        postal_address="\n".join(address.values()),
        country=_country(address.get("country", "")),
        digest=_digest_of(agent_id, plain),
    )


def read_revocation(said: Mapping[str, object], *, agent_id: str, business_id: str, now: datetime) -> str:
    """Read why an agent revokes a request, in one line; may be empty.

    The protocol asks for no header here. A message with one is held to it.

    Args:
        said: The message.
        agent_id: The agent whose key fits the signature.
        business_id: The id under which agents address us.
        now: The present instant (aware).

    Raises:
        DrpFault: The reason is no text, or the message is not of this agent, for us and of now.
    """
    if not _HEADER.isdisjoint(said):
        check_addressed(said, agent_id=agent_id, business_id=business_id, now=now)
    return " ".join(_text(said, _REASON, _LONGEST).split())


def _digest_of(agent_id: str, plain: bytes) -> str:
    """Return the digest that identifies a message, however its envelope is written."""
    return hashlib.sha256(agent_id.encode() + b"\0" + plain).hexdigest()


def _kind_of(said: Mapping[str, object]) -> MessageKind | None:
    """Return the call for which a message was signed; ``None`` where its names leave that open."""
    if "exercise" in said:
        return MessageKind.EXERCISE
    if not said or (_REASON in said and said.keys() <= _HEADER | {_REASON}):
        return MessageKind.REVOCATION
    return MessageKind.PAIRING if said.keys() <= _HEADER else None


def _without_doubles(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a name occurs twice")
    return fields


def _no_number(_text_of_it: str) -> None:
    raise ValueError("not a number of JSON")


def _unusable(text: str) -> DrpFault:
    return DrpFault(DrpCode.UNUSABLE, text)


def _instant(said: Mapping[str, object], field: str) -> datetime:
    given = said.get(field)
    try:
        at = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise _unusable(f"The {field} is not an instant with its zone (ISO 8601); send one.")
    return at


def _exercise(given: object) -> Exercise:
    try:
        return Exercise(given) if isinstance(given, str) else _no_action()
    except ValueError:
        return _no_action()


def _no_action() -> Exercise:
    raise DrpFault(DrpCode.ACTION, f"The exercise is no action of Data Rights Protocol {VERSION}; send one of it.")


def _right(exercise: Exercise) -> Right:
    if exercise not in _RIGHTS:
        done = ", ".join(_RIGHTS)
        raise DrpFault(DrpCode.ACTION, f"The action {exercise.value} is not done here, only {done}.", is_fatal=True)
    return _RIGHTS[exercise]


def _identifiers(said: Mapping[str, object]) -> Identifiers:
    known_by = {
        _identifier(kind, name, text) for name, kind in _FOUND_BY.items() if (text := _line(said, name, _LONGEST))
    }
    if not any(item.finds for item in known_by):
        raise _unusable("The person is not found without an e-mail address or a phone number; send one of them.")
    return frozenset(known_by)


def _identifier(kind: IdentifierKind, name: str, text: str) -> Identifier:
    try:
        return identifier(kind, text)
    except BadInput as error:
        raise _unusable(f"{name}: {error}") from None


def _address(given: object) -> Mapping[str, str]:
    """Return the lines of an address claim of OpenID Connect, by their names."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise _unusable("The address is not an address claim (an object); correct it, or leave it out.")
    return {name: text for name in _ADDRESS if (text := _line(given, name, _LONGEST))}


def _country(text: str) -> str:
    is_code = len(text) == _COUNTRY_LETTERS and text.isascii() and text.isalpha()
    return text.upper() if is_code else ""


def _relationships(given: object) -> tuple[str, ...]:
    if not isinstance(given, list) or len(given) > MOST_RELATIONSHIPS:
        raise _unusable(f"The relationships are a list of at most {MOST_RELATIONSHIPS} texts; correct them.")
    return tuple(_line({"relationships": item}, "relationships", _LONGEST) for item in given)


def _callback(url: str) -> str:
    if not url:
        return ""
    try:
        place_of_callback(url)
    except OrderFault:
        raise _unusable("The status_callback is not an https address with the name of a host; correct it.") from None
    return url


def _flag(said: Mapping[str, object], field: str) -> bool:
    given = said.get(field, False)
    if not isinstance(given, bool):
        raise _unusable(f"The {field} is true or false; correct it.")
    return given


def _text(said: Mapping[str, object], field: str, most: int) -> str:
    given = said.get(field, "")
    if not isinstance(given, str) or len(given) > most or (not given.isascii() and not _is_readable(given)):
        raise _unusable(f"The {field} is no text of at most {most} characters; correct it.")
    return given


def _is_readable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _line(said: Mapping[str, object], field: str, most: int) -> str:
    given = _text(said, field, most)
    if given and not given.isprintable():
        raise _unusable(f"The {field} is no text of one line; correct it.")
    return given
