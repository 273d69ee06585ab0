"""The section about the suppression list: whose address no import brings back and no advertising is sent to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.section import Strict


class SuppressionSettings(Strict):
    """The suppression list: keyed hashes of the addresses and numbers of people who were erased or who objected.

    Args:
        after_erasure: Whether a person who is erased is put on it, so that an import does not bring the data back. The
            answer to the person says so. It is off by default, since the list is a processing of its own.
        months: For how many months an erased person stays on it. Who objected to advertising stays without an end.
        token: The secret, of 32 characters at least, by which other programs ask `rightsflow serve-suppressed`;
            ``None`` where none does.
        asked_by: The programs that send advertising and ask the list before, as people call them, such as ``"Our
            newsletter program"``. The answer to an objection names them, and no others.
        per_minute: How many questions a minute that answers, in all.
    """

    after_erasure: bool = Field(default=False, strict=True)
    months: Annotated[int, Field(ge=1, le=120, strict=True)] = 36
    token: SecretRef | None = None
    asked_by: tuple[Annotated[str, Field(min_length=1, max_length=80)], ...] = ()
    per_minute: Annotated[int, Field(ge=1, le=100_000, strict=True)] = 600
