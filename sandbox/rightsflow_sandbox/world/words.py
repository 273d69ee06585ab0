"""Texts that customers and agents write and say, in German and English, read from ``conversations.toml``.

``{name}``, ``{phone}``, ``{order}``, ``{email}`` stand for the customer's own: they belong to the texts as in life,
where people sign with their name and number.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Script:
    """A conversation.

    Args:
        subject: The ticket's headline.
        opening: What the customer writes first.
        turns: Agent and customer in turn, the agent first.
        note: An internal note of the agent; empty for none.
        attachment: File name of what the customer attaches; empty for none.
    """

    subject: str
    opening: str
    turns: tuple[str, ...]
    note: str = ""
    attachment: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """All texts of one language.

    Args:
        scripts: Conversations in writing.
        voice_subject: Headline of a ticket that a call opened.
        voice_body: The text the helpdesk writes for a call.
        transcripts: What a machine understood of a call.
        rating_comments: What customers write to a rating; some write nothing.
        profile_notes: What agents note in profiles; mostly nothing.
    """

    scripts: tuple[Script, ...]
    voice_subject: str
    voice_body: str
    transcripts: tuple[str, ...]
    rating_comments: tuple[str, ...]
    profile_notes: tuple[str, ...]


@cache
def words(language: str) -> Words:
    """Return the texts of a language.

    Args:
        language: ``"de"`` or ``"en"``.
    """
    source = files("rightsflow_sandbox.world").joinpath("conversations.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(source)[language]
    return Words(
        scripts=tuple(Script(**{**script, "turns": tuple(script["turns"])}) for script in raw["scripts"]),
        voice_subject=raw["voice"]["subject"],
        voice_body=raw["voice"]["body"],
        transcripts=tuple(raw["voice"]["transcripts"]),
        rating_comments=tuple(raw["extras"]["rating_comments"]),
        profile_notes=tuple(raw["extras"]["profile_notes"]),
    )


PRODUCTS = (
    ("Kopfhörer Aria", 12900),
    ("Station Forte", 24900),
    ("Lautsprecher Mezzo", 8900),
    ("Display Largo 27", 39900),
    ("Netzteil 65 W", 3900),
)
"""The products of the brand, with prices in cents."""

PLANS = {"care-basic": ("Care Basic", 499, "month"), "care-plus": ("Care Plus", 5900, "year")}
"""The brand's subscriptions by key: name, price in cents, interval."""
