"""The result of a step, in words that agree with their numbers."""

from __future__ import annotations

from typing import Final

from rightsflow.domain.case.findings import Fate
from rightsflow.domain.identifiers import KIND_WORDS
from rightsflow.domain.vocabulary.records import OutcomeKind, PresenceState
from rightsflow.domain.wording import counted
from rightsflow.store.case.steps import Step

_NOUNS: Final = {
    "matches": ("match", "matches"),
    "unproven": ("mapping that proved nothing", "mappings that proved nothing"),
    "learnt": ("identifier learnt", "identifiers learnt"),
    "subject": ("record of the person", "records of the person"),
    "others": ("record of another person", "records of other people"),
    "letters": ("letter", "letters"),
    "answers": ("answer to the controller", "answers to the controller"),
    **KIND_WORDS,
}
_STATES: Final = frozenset(item.value for kind in (OutcomeKind, PresenceState, Fate) for item in kind)
"""The states of records, as in "3 erased"; any other counted word is a category and precedes its number."""


def step_result(step: Step) -> str:
    """The result of a step, for the sheet; what went wrong, where it failed.

    Args:
        step: The step.
    """
    if step.error:
        return step.error.replace("|", "/")
    return ", ".join(_told(word, count) for word, count in step.counts.items() if count) or "nothing"


def _told(word: str, count: int) -> str:
    if word in _NOUNS:
        return counted(count, *_NOUNS[word])
    return f"{count:,} {word}" if word in _STATES else f"{word}: {count:,}"
