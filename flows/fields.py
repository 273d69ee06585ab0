"""The fields of the forms, and what of a field may stay in Prefect: what is no free text, if it is what it should be.

People mistake the field, so that each value is checked and not the field alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from flows.forms import SendableLetter
from rightsflow.case import read_case_id
from rightsflow.errors import BadInput
from rightsflow.importing import is_bare_name
from rightsflow.request import Right

SEALED: Final = "sealed"
"""What stands in the place of a text that was read or moved to the vault."""
OPEN_REQUEST: Final = "open-request"
"""The flow whose form holds the identifiers of the person."""
SEALED_PARAMETERS: Final[dict[str, Any]] = {
    "right": Right.ACCESS.value,
    "received_on": "1970-01-01",
    "opened_by": SEALED,
}
"""What the parameters of *open-request* read once they are scrubbed: valid for the form, and no data of a person."""
FIELDS: Final[dict[str, tuple[str, ...]]] = {}
"""The fields of each form, by the name of its flow."""

_KEY: Final = re.compile("[a-z][a-z0-9_-]{0,31}")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]{1,15}(Z|[+-]\d\d:\d\d)?)?", re.ASCII)


def scrubbed(flow: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a run without free text, without what a field is not made for, without unknown fields.

    Args:
        flow: The name of the run's flow.
        parameters: The run's parameters.
    """
    if flow == OPEN_REQUEST:
        return SEALED_PARAMETERS
    fields = FIELDS.get(flow, ())
    known = {name: value for name, value in parameters.items() if name in fields}
    return {name: value if not value or _may_stay(name, str(value)) else SEALED for name, value in known.items()}


def _may_stay(name: str, text: str) -> bool:
    match name:
        case "case_id":
            return _is_case_id(text)
        case "deputy" | "person" | "to":
            return _KEY.fullmatch(text) is not None
        case "arrived_on" | "first_on" | "last_on" | "until":
            return _DAY.fullmatch(text) is not None
        case "dry_run" | "lift":
            return text == str(True)
        case "letter":
            return any(text in (letter.name, letter.value) for letter in SendableLetter)
    # The names of the compliance team are part of every case's ledger, and may be seen.
    return name == "your_name" or (name == "file" and is_bare_name(text))


def _is_case_id(text: str) -> bool:
    try:
        read_case_id(text)
    except BadInput:
        return False
    return True
