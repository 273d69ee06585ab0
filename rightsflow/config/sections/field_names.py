"""The names of fields in the configuration, as corrections and the rules of retention use them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from rightsflow.domain.errors import BadInput
from rightsflow.domain.rectification.corrections import read_field


def _in_words(text: str) -> str:
    try:
        return read_field(text)
    except BadInput as error:
        raise ValueError(str(error)) from None


FieldName = Annotated[str, AfterValidator(_in_words)]
"""A field in words, such as ``phone`` or ``date of birth``."""
