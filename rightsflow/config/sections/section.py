"""The base of every section: refuses unknown keys, turns the first fault into a sentence; common kinds of values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from rightsflow.domain.errors import BadInput, Misconfigured
from rightsflow.domain.rectification.corrections import read_field

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


def is_this_machine(host: str) -> bool:
    """Return whether a host is a loopback address, so that no data cross a network."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def encrypted_endpoint(url: str) -> str:
    """Accept https anywhere and plain http on this machine only: nothing crosses a network in clear.

    Raises:
        ValueError: The address is another, or holds credentials.
    """
    parts = urlsplit(url)
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("give a URL like https://s3.example.com, without credentials or query")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_this_machine(parts.hostname)):
        raise ValueError("use https (http is accepted for this machine's own address only)")
    return url.rstrip("/")


def _in_words(text: str) -> str:
    try:
        return read_field(text)
    except BadInput as error:
        raise ValueError(str(error)) from None


FieldName = Annotated[str, AfterValidator(_in_words)]
"""A field in words, such as ``phone`` or ``date of birth``."""


class RevocationCheck(StrEnum):
    """The use of revocation lists."""

    REQUIRED = "required"
    OFF = "off"


class ChecksCertificates(Strict):
    """A section with the certificate authorities that are trusted.

    Args:
        ca_file: See the section.
        revocation: See the section.
        revocation_hosts: See the section.
    """

    ca_file: str = ""
    revocation: RevocationCheck | None = None
    revocation_hosts: tuple[str, ...] = ()

    @property
    def checks_revocation(self) -> bool:
        """True if revocation lists are checked: by default for the internet's authorities, and not for one's own."""
        return self.revocation is RevocationCheck.REQUIRED or (self.revocation is None and not self.ca_file)
