"""The section about the suppression list: whose address no import brings back and no advertising is sent to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.section import Strict


class SuppressionSettings(Strict):
    """The suppression list: keyed hashes of the addresses and numbers of people who were erased or who objected.

    Args:
        after_erasure: ``true`` to add each erased person to the list, so that an import does not bring the data back.
            The answer to the person mentions it. It is off by default, since the list is a processing of its own.
        months: The number of months for which an erased person stays on the list. People who objected to advertising
            stay indefinitely.
        token: The secret, of 32 characters at least, with which other programs ask `rightsflow service suppression`;
            ``None`` if no program asks.
        asked_by: The programs that send advertising and ask the list before, as people call them, such as
            ``"Our newsletter program"``. The answer to an objection names these, and no others.
        per_minute: The number of questions that `rightsflow service suppression` answers per minute in all.
    """

    after_erasure: bool = Field(default=False, strict=True)
    months: Annotated[int, Field(ge=1, le=120, strict=True)] = 36
    token: SecretRef | None = None
    asked_by: tuple[Annotated[str, Field(min_length=1, max_length=80)], ...] = ()
    per_minute: Annotated[int, Field(ge=1, le=100_000, strict=True)] = 600
