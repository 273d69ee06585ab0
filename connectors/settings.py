"""What the section of a connector in the configuration is built of.

A connector takes its settings from here and not from ``rightsflow.config``, which is the application's own:
:class:`SystemSettings` is the base of its section, :class:`Strict` that of a table within it, :class:`SecretRef` a
reference to a secret (``env:NAME`` or ``file:PATH``), read when it is needed and never shown.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.endpoints import encrypted_endpoint
from rightsflow.config.sections.section import Strict
from rightsflow.config.sections.system_settings import Issuer, OwnLine, SystemSettings
from rightsflow.domain.errors import BadInput
from rightsflow.domain.rectification.corrections import read_field


def _in_words(text: str) -> str:
    try:
        return read_field(text)
    except BadInput as error:
        raise ValueError(str(error)) from None


CorrectedField = Annotated[str, AfterValidator(_in_words)]
"""A field as a correction names it, such as ``phone`` or ``date of birth``."""

__all__ = ["CorrectedField", "Issuer", "OwnLine", "SecretRef", "Strict", "SystemSettings", "encrypted_endpoint"]
