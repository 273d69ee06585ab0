"""A gate's form that is asked again has filled in what was typed before, as far as that may lie in Prefect.

Free text may name the person, and stays out: Prefect keeps the form in clear.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar

from prefect.input import RunInput
from pydantic import Field, create_model

from rightsflow.domain.gates.decisions import ELSEWHERE

Typed: TypeAlias = Mapping[str, Any]
F = TypeVar("F", bound=RunInput)

_CHOSEN: Final = frozenset({"method", "checked_against", "refusal_code"})
"""The fields chosen from a list; the decision itself has no preset, since another person may answer."""
_DAYS: Final = frozenset({"checked_at", "on_file_since", "proof_arrived_on"})
_DAY: Final = re.compile(r"[0-9T:.+Z-]{10,32}", re.ASCII)


def to_fill_in_again(answer: RunInput, systems: Collection[str]) -> Typed:
    """Return the fields of an answer that can be filled in again.

    Args:
        answer: The answer.
        systems: The names of the configured systems.
    """
    return {name: value for name, value in answer.model_dump().items() if value and _may_stay(name, value, systems)}


def _may_stay(name: str, value: object, systems: Collection[str]) -> bool:
    if name in _DAYS:
        return _is_time(str(value))
    if name == "held_by":
        return value in {*systems, ELSEWHERE}
    return name in _CHOSEN


def _is_time(typed: str) -> bool:
    try:
        return bool(_DAY.fullmatch(typed) and datetime.fromisoformat(typed))
    except ValueError:
        return False


def filled_in(form: type[F], typed: Typed) -> type[F]:
    """A form with fields filled in.

    Args:
        form: The form.
        typed: What, by the field's name; what the form does not have is passed over.
    """
    fields: dict[str, Any] = {
        name: (
            form.model_fields[name].annotation,
            Field(
                default=value,
                title=form.model_fields[name].title,
                description=form.model_fields[name].description,
                examples=form.model_fields[name].examples,
                json_schema_extra=form.model_fields[name].json_schema_extra,
            ),
        )
        for name, value in typed.items()
        if name in form.model_fields
    }
    return create_model(form.__name__, __base__=form, **fields) if fields else form
