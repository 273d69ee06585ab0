"""Refusals of an agent's call in the protocol's form: a code, a sentence, and a flag for a final refusal."""

from __future__ import annotations

from enum import StrEnum

from rightsflow.domain.errors import BadInput


class DrpCode(StrEnum):
    """The codes of refused calls; agents' programs read them, so they stay as they are."""

    NOT_BASE64 = "not_base64"
    NOT_SIGNED = "not_signed"
    WRONG_AGENT = "wrong_agent"
    WRONG_BUSINESS = "wrong_business"
    TOO_EARLY = "too_early"
    EXPIRED = "expired"
    WINDOW_TOO_LONG = "window_too_long"
    VERSION = "unsupported_version"
    ACTION = "unsupported_action"
    UNUSABLE = "unusable_message"
    REPLAYED = "replayed"
    FINAL = "not_revocable"


class DrpFault(BadInput):
    """A message is not usable; nothing was changed.

    Args:
        code: Why.
        text: What is wrong and how to put it right; quotes nothing of it.
        is_fatal: Whether the same message can never be taken.
        request_id: The request that the same message became before; empty for none.
    """

    def __init__(self, code: DrpCode, text: str, *, is_fatal: bool = False, request_id: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.is_fatal = is_fatal
        self.request_id = request_id
