"""Dialects of OpenDSR: processors' differences from the specification in requests and answers.

Source of mParticle's: https://docs.mparticle.com/developers/apis/dsr-api/v3/.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from connectors.http import Credentials
from rightsflow.domain.errors import Misconfigured, Permanent
from rightsflow.domain.processors.opendsr import RAW, OpenDsrCall, OpenDsrDialect


class Bearer:
    """A token that authenticates the caller.

    Args:
        token: Gives the token.
    """

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def header(self) -> str:
        """The value of ``Authorization``."""
        return f"Bearer {self._token()}"

    def renew(self) -> bool:
        """There is no other."""
        return False


class KeyAndSecret:
    """A key and its secret that authenticate the caller.

    Args:
        token: Gives both, with a colon between them.
    """

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def header(self) -> str:
        """The value of ``Authorization`` (RFC 7617).

        Raises:
            Misconfigured: There is no colon in what is given.
        """
        given = self._token()
        if ":" not in given.strip(":"):
            raise Misconfigured("The token of this dialect is the key and its secret, like key:secret; correct it.")
        return f"Basic {base64.b64encode(given.encode()).decode()}"

    def renew(self) -> bool:
        """There is no other."""
        return False


def identity_list(call: OpenDsrCall, _system: str) -> object:
    """Identities as the specification has them.

    Args:
        call: What is asked.
    """
    return call.identities


def identity_dictionary(call: OpenDsrCall, system: str) -> object:
    """Identities by their types, one of each.

    Args:
        call: What is asked.
        system: The processor's key in the register, for the error.

    Raises:
        Permanent: There are two of a type.
    """
    found = {
        identity["identity_type"]: {"value": identity["identity_value"], "encoding": RAW}
        for identity in call.identities
    }
    if len(found) < len(call.identities):
        raise Permanent(
            "The processor takes one identifier of a kind, and more are known of the person; send the instruction "
            "yourself.",
            system=system,
            operation="ask",
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A dialect of OpenDSR.

    Args:
        version: What ``api_version`` is.
        identities: What ``subject_identities`` is.
        credentials: By what a call proves whose it is.
        names_callback: Whether a callback says for which address it is.
    """

    version: str
    identities: Callable[[OpenDsrCall, str], object]
    credentials: Callable[[Callable[[], str]], Credentials]
    names_callback: bool


DIALECTS = {
    OpenDsrDialect.SPECIFICATION: Dialect(
        version="2.0", identities=identity_list, credentials=Bearer, names_callback=True
    ),
    OpenDsrDialect.MPARTICLE_V3: Dialect(
        version="3.0", identities=identity_dictionary, credentials=KeyAndSecret, names_callback=False
    ),
}
"""Each by its name in the configuration."""
