"""Steps to repeat for an access package before its release, and the steps that this takes back. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from rightsflow.domain.disclosure.mask_choices import MaskChoice, MaskState
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.events import StepName


class MakingAgain(StrEnum):
    """The step from which a package is rebuilt."""

    MASK = "mask again"
    """The copies stay, and are masked as is decided by now."""
    COPY = "copy again"
    """The records that were found are copied from their systems again."""
    SEARCH = "search again"
    """All systems are searched again."""

    @property
    def steps(self) -> tuple[StepName, ...]:
        """The steps that are done again; among them the end of the search, which brings the case back to its gate."""
        return _STEPS[self]


_MASKED = (StepName.RESOLVE, StepName.REDACT, StepName.ASSEMBLE)
_COPIED = (*_MASKED, StepName.EXTRACT)
_STEPS = {MakingAgain.MASK: _MASKED, MakingAgain.COPY: _COPIED, MakingAgain.SEARCH: (*_COPIED, StepName.LOCATE)}


def refuse_unsaid(again: MakingAgain, remark: str) -> None:
    """Refuse to copy or search again without saying why.

    Args:
        again: What is done again.
        remark: Why.

    Raises:
        BadInput: The remark is missing.
    """
    if again is not MakingAgain.MASK and not remark:
        raise BadInput("The remark is missing; say what is wrong with the package, or what was corrected.")


def refuse_open_masks(choices: Iterable[MaskChoice]) -> None:
    """Refuse to release a package that was built without the decisions on its masks.

    Args:
        choices: The choices on records that the case has.

    Raises:
        Conflict: It was, or a record changed since it was decided on.
    """
    open_ones = [choice for choice in choices if choice.is_open]
    if any(choice.state is MaskState.STALE for choice in open_ones):
        raise Conflict(
            "A record changed after it was decided what is masked in it; read the package, and decide on it again or "
            "take the choice back."
        )
    if open_ones:
        raise Conflict("The package was made without what was decided on its masks since; let it be made again first.")
