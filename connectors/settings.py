"""What the section of a connector in the configuration is built of.

A connector takes its settings from here and not from ``rightsflow.config``, which is the application's own:
:class:`SystemSettings` is the base of its section, :class:`Strict` that of a table within it, :class:`SecretRef` a
reference to a secret (``env:NAME`` or ``file:PATH``), read when it is needed and never shown.
"""

from __future__ import annotations

from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.endpoints import encrypted_endpoint
from rightsflow.config.sections.field_names import FieldName
from rightsflow.config.sections.section import Strict
from rightsflow.config.sections.system_settings import Issuer, OwnLine, SystemSettings

__all__ = ["FieldName", "Issuer", "OwnLine", "SecretRef", "Strict", "SystemSettings", "encrypted_endpoint"]
