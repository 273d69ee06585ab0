"""Building blocks of a connector's section in the configuration.

A connector takes its settings from here and not from ``rightsflow.config``, which is the application's own:
:class:`SystemSettings` is the base of its section, :class:`Strict` that of a table within it, :class:`SecretRef` a
reference to a secret (``env:NAME`` or ``file:PATH``), read when it is needed and never shown.
:class:`HttpSystemSettings` is the base of a section whose system is called over HTTP.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from connectors.bounds import ANSWERS_WITHIN, LARGEST_ANSWER_MB, LARGEST_FILE_MB, LONGEST_LIST, AnswerBounds
from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.section import FieldName, Strict, encrypted_endpoint, is_this_machine
from rightsflow.config.sections.system_settings import UNDECIDED, Issuer, OwnLine, SystemSettings
from rightsflow.domain.identifiers import IdentifierKind

__all__ = [
    "UNDECIDED",
    "FieldName",
    "HttpSystemSettings",
    "Issuer",
    "OwnLine",
    "Searchable",
    "SecretRef",
    "Strict",
    "SystemSettings",
    "encrypted_endpoint",
    "is_this_machine",
]


def _finds(kind: IdentifierKind) -> IdentifierKind:
    if not kind.finds:
        raise ValueError("no one is searched for by name or date of birth; leave it out")
    return kind


Searchable = Annotated[IdentifierKind, AfterValidator(_finds)]
"""A kind of identifier by which people are found."""


class HttpSystemSettings(SystemSettings):
    """The settings of every system that is called over HTTP.

    Args:
        largest_answer_mb: The largest size in megabytes of an answer that is no file, after decompression. A larger
            answer fails the step, and none of it is used.
        largest_file_mb: The largest size in megabytes of a file, after decompression. Files are streamed to the
            encrypted working copies, whatever their size.
        answers_within: The number of seconds for which one call may delay a step, repeats included. A stream counts as
            waiting while it is slower than 16 KiB a second.
        longest_list: The largest number of entries of one list over all its pages. A longer list fails the step. The
            keys of a bucket are not limited.
    """

    largest_answer_mb: Annotated[int, Field(ge=1, le=1024, strict=True)] = LARGEST_ANSWER_MB
    largest_file_mb: Annotated[int, Field(ge=1, le=1024 * 1024, strict=True)] = LARGEST_FILE_MB
    answers_within: float = Field(default=ANSWERS_WITHIN, ge=1, le=3600)
    longest_list: Annotated[int, Field(ge=100, le=100_000_000, strict=True)] = LONGEST_LIST

    @property
    def answer_bounds(self) -> AnswerBounds:
        """The bounds of an answer."""
        return AnswerBounds(
            answer_mb=self.largest_answer_mb,
            file_mb=self.largest_file_mb,
            seconds=self.answers_within,
            entries=self.longest_list,
        )
