"""The section about the desk, at which people work signed in."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from rightsflow.config.sections.oidc_settings import OidcSettings
from rightsflow.config.sections.section import Strict
from rightsflow.domain.signing_in import Lifetimes


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("give the server's address without a path, such as https://rights.example.com")
    return text.rstrip("/")


class DeskSettings(Strict):
    """The desk, at which people work signed in. It is served as soon as anybody in the file has a role.

    Args:
        address: Where people reach the server with the desk, such as ``https://rights.example.com``. Alerts, the board,
            the sheets and the gates' forms lead there. By default the address of ``RIGHTSFLOW_PUBLIC_URL``, or where
            ``up`` serves it; where none is known, nothing leads there.
        typed_names: Whether what is done under a typed name counts, in a form of Prefect's or by ``--by``: decisions at
            gates, all other acts on cases, looks at personal data, the export of evidence. ``"refused"`` where there is
            a desk; ``"allowed"`` is for scripts, and the evidence says that the name was typed. Requests are opened and
            imported, which decides nothing, and a brake is set under a typed name in any case.
        idle_minutes: After how many minutes without a request a session ends.
        session_hours: After how many hours it ends in any case.
        oidc: An identity provider by which people sign in; ``None`` for none.
    """

    address: Annotated[str, AfterValidator(_address)] | None = None
    typed_names: Literal["refused", "allowed"] = "refused"
    idle_minutes: Annotated[int, Field(ge=1, le=480, strict=True)] = 30
    session_hours: Annotated[int, Field(ge=1, le=72, strict=True)] = 10
    oidc: OidcSettings | None = None

    @property
    def lifetimes(self) -> Lifetimes:
        """The lifetimes of a session."""
        return Lifetimes(idle=timedelta(minutes=self.idle_minutes), absolute=timedelta(hours=self.session_hours))
