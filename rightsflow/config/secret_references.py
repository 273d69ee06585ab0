"""Secrets by reference only: the configuration says where a secret lies, never what it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from rightsflow.domain.errors import Misconfigured

Resolver = Callable[[str], str]


class SecretRef:
    """A reference to a secret: ``env:NAME``, ``file:PATH`` or ``block:NAME`` (a Prefect Secret block).

    It resolves when the secret is needed, so that a rotated secret is picked up, and prints as its reference.

    Args:
        reference: The reference.

    Raises:
        ValueError: The text is not a reference (a secret written into the configuration, for example).
    """

    def __init__(self, reference: str) -> None:
        scheme, _, rest = reference.partition(":")
        if scheme not in _RESOLVERS or not rest:
            raise ValueError("write a secret as a reference: env:NAME, file:PATH or block:NAME")
        self.reference = reference

    def reveal(self) -> str:
        """Return the secret itself, without surrounding white space.

        Raises:
            Misconfigured: The place it should lie in is missing or empty.
        """
        scheme, _, rest = self.reference.partition(":")
        value = _RESOLVERS[scheme](rest).strip()
        if not value:
            raise Misconfigured(f"The secret {self.reference} is empty; put the value there.")
        return value

    def __repr__(self) -> str:
        """Return the reference, which is not secret."""
        return f"<SecretRef {self.reference}>"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[object], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic build one from its text."""
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())


def register_scheme(scheme: str, resolver: Resolver) -> None:
    """Teach the references a further scheme; the composition root does so for Prefect's Secret blocks.

    Args:
        scheme: The word before the colon.
        resolver: Gets what stands after the colon; raises ``Misconfigured`` where there is no such secret.
    """
    _RESOLVERS[scheme] = resolver


def _from_env(name: str) -> str:
    if name not in os.environ:
        raise Misconfigured(f"The environment variable {name} is not set; set it to the secret that env:{name} names.")
    return os.environ[name]


def _from_file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise Misconfigured(f"The secret file {path} cannot be read ({error.strerror}); create it.") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"The secret file {path} is not text in UTF-8; write the secret there as text.") from None


def _from_block(name: str) -> str:
    raise Misconfigured(f"block:{name} can be read only where flows run; use env: or file: here.")


_RESOLVERS: dict[str, Resolver] = {"env": _from_env, "file": _from_file, "block": _from_block}
