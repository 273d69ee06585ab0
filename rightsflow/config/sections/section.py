"""A section of the configuration: refuses keys it does not know, and turns the first fault into a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from rightsflow.domain.errors import Misconfigured

M = TypeVar("M", bound=BaseModel)


class Strict(BaseModel):
    """A section that refuses keys it does not know, so that a typing error is found."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def validate(model: type[M], raw: Mapping[str, object], where: str) -> M:
    """Validate a section and turn the first fault into a sentence.

    Args:
        model: What it has to be.
        raw: The section.
        where: How to name it in the message, for example ``"rightsflow.toml [systems.helpdesk]"``.

    Raises:
        Misconfigured: A key is missing, unknown or wrong.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise Misconfigured(_sentence(where, first, model)) from None


def _sentence(where: str, fault: ErrorDetails, model: type[BaseModel]) -> str:
    key = ".".join(str(part) for part in fault["loc"]) or "the section"
    if fault["type"] == "missing":
        return f"{where}: the key {key} is missing; add it."
    if fault["type"] == "extra_forbidden":
        known = ", ".join(sorted(model.model_fields)) if len(fault["loc"]) == 1 else ""
        return f"{where}: the key {key} is not known; remove it" + (f" or use one of {known}." if known else ".")
    return f"{where}: the key {key} is wrong: {fault['msg'].removeprefix('Value error, ').rstrip('.')}."
