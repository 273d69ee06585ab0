"""The fields of the forms, and what of a field may stay in Prefect: what is no free text, if it is what it should be.

People mistake the field, so that each value is checked and not the field alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final

from flows.forms import SendableLetter, SentBy, StopWord
from rightsflow.domain.errors import BadInput
from rightsflow.domain.importing import is_bare_name
from rightsflow.domain.people import folded, key_in, name_in
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import read_case_id

SEALED: Final = "sealed"
"""The replacement for a text that was read or moved to the vault."""
OPEN_REQUEST: Final = "open-request"
"""The flow whose form holds the identifiers of the person."""
SEALED_PARAMETERS: Final[dict[str, object]] = {
    "right": Right.ACCESS.value,
    "received_on": "1970-01-01",
    "name": SEALED,
}
"""The parameters of *open-request* once they are scrubbed: valid for the form, and no data of a person."""
FIELDS: Final[dict[str, tuple[str, ...]]] = {}
"""The fields of each form, by the name of its flow."""

TITLES: Final[Mapping[str, str]] = {
    "account_id": "Account number in a system",
    "account_system": "System that issued it",
    "areas": "What they can choose from",
    "arrived_on": "Answer arrived on",
    "case_id": "Case",
    "channel": "Channel",
    "corrections": "What is to be corrected",
    "country": "Country",
    "customer_id": "Customer number",
    "decisions": "Decisions on the items",
    "deputy": "Who stands in",
    "dry_run": "Only check the file",
    "duplicate_of": "Duplicate of case",
    "email": "E-mail address",
    "file": "File",
    "how_known": "How that is known",
    "ground": "Ground of a restriction",
    "first_on": "First day",
    "language": "Language",
    "last_on": "Last day",
    "letter": "Letter",
    "number": "Which of its kind",
    "lift": "Lift the hold",
    "name": "Name of the person",
    "open_despite_duplicate": "Open a second case",
    "person": "Who is absent",
    "phone": "Phone number",
    "proof": "Reference of the proof",
    "reason": "Reason",
    "received_on": "Request arrived on",
    "right": "What the person asks for",
    "sent_on": "Sent on",
    "to": "New owner",
    "until": "Held until",
    "why": "Why it is stopped",
    "your_name": "Your name",
}
"""The label of each field, for people."""

_KEY: Final = re.compile("[a-z][a-z0-9_-]{0,31}")
_NUMBER: Final = re.compile(r"[1-9]\d{0,2}", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]{1,15}(Z|[+-]\d\d:\d\d)?)?", re.ASCII)


def scrubbed(flow: str, parameters: Mapping[str, object], names: Collection[str] = ()) -> dict[str, object]:
    """The parameters of a run without free text, without what a field is not made for, without unknown fields.

    Args:
        flow: The name of the run's flow.
        parameters: The run's parameters.
        names: The names of colleagues that may be seen, as names are compared.
    """
    if flow == OPEN_REQUEST:
        return SEALED_PARAMETERS
    fields = FIELDS.get(flow, ())
    known = {name: value for name, value in parameters.items() if name in fields}
    return {name: value if not value or _may_stay(name, str(value), names) else SEALED for name, value in known.items()}


def _may_stay(name: str, text: str, names: Collection[str]) -> bool:
    if name == "your_name":
        # People mistake the field: only a name that is in the configuration is known to be a colleague's.
        return folded(text) in names
    if name in _CHOSEN and (chosen := name_in(text)):
        return folded(chosen) in names and _is_key(key_in(text))
    return name in _MADE_FOR and _MADE_FOR[name](text)


def is_case_id(text: str) -> bool:
    """Return True if a text is a case id, as people may write it.

    Args:
        text: What was typed.
    """
    try:
        read_case_id(text)
    except BadInput:
        return False
    return True


def _is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def _is_day(text: str) -> bool:
    return _DAY.fullmatch(text) is not None


def _is_set(text: str) -> bool:
    return text == str(True)


def _is_letter(text: str) -> bool:
    return any(text in (letter.name, letter.value) for letter in SendableLetter)


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _is_channel(text: str) -> bool:
    return text in set(SentBy)


def _is_stop_word(text: str) -> bool:
    return text in set(StopWord)


_CHOSEN: Final = ("deputy", "person", "to")
_MADE_FOR: Final[dict[str, Callable[[str], bool]]] = {
    "case_id": is_case_id,
    "duplicate_of": is_case_id,
    "why": _is_stop_word,
    **dict.fromkeys(_CHOSEN, _is_key),
    **dict.fromkeys(("arrived_on", "first_on", "last_on", "sent_on", "until"), _is_day),
    **dict.fromkeys(("dry_run", "lift"), _is_set),
    "letter": _is_letter,
    "number": _is_number,
    "channel": _is_channel,
    "file": is_bare_name,
}
"""The check of each field's value."""
