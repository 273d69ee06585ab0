"""Coverage, each week: what systems now have beside what is configured and what a person accepted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import acting
from rightsflow.domain.connector import Health, ShowsCoverage
from rightsflow.domain.coverage import NotedPlace
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.typed_input import stated_reason
from rightsflow.domain.wording import counted, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageCheck:
    """The result of one check.

    Args:
        systems: How many systems were looked at.
        new: How many places are new.
        failed: The systems that could not be read.
    """

    systems: int
    new: int
    failed: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The result in words: counts and names of systems."""
        seen = f"{counted(self.systems, 'system')} checked, {counted(self.new, 'new place')}."
        return f"{seen} Not read: {listed(self.failed)}; `rightsflow doctor` says why." if self.failed else seen


def check_coverage(app: App, tell: Callable[[Sequence[NotedPlace]], None]) -> CoverageCheck:
    """Look at every system that can show its coverage, and tell people of what is new, in one alert.

    A system that cannot be read is named, and keeps no other one from being looked at.

    Args:
        app: What it works with.
        tell: Tells people of places; what it did not tell, because it raised, is told the next time.

    Raises:
        Transient: The case store, or what tells people, does not answer.
    """
    new, failed, looked_at = 0, [], 0
    for system, connector in app.connectors.items():
        if not isinstance(connector, ShowsCoverage):
            continue
        try:
            seen = list(connector.uncovered())
        except RightsflowError:
            failed.append(system)
            continue
        looked_at += 1
        new += app.store.coverage.note(system, seen)
    if untold := app.store.coverage.untold():
        tell(untold)
        app.store.coverage.note_told(noted.number for noted in untold)
    return CoverageCheck(systems=looked_at, new=new, failed=tuple(failed))


def accept_place(app: App, number: int, *, by: str, reason: str) -> str:
    """Accept that a place stays out of the configuration; returns a sentence.

    Args:
        app: What it works with.
        number: The place.
        by: Who accepts it.
        reason: Why; kept encrypted.

    Raises:
        BadInput: There is no such place, or the reason is missing.
        Conflict: It is accepted already, or gone; or no one proved that it is they, where people sign in.
    """
    why = stated_reason(reason, "say why it stays out of the configuration")
    app.store.coverage.accept(number, by=acting(app, by), reason=why)
    return f"Place {number} is accepted and will not be reported again while it exists."


def coverage_health(app: App) -> Health:
    """Report the places that no one has decided on.

    Args:
        app: What it works with.
    """
    try:
        still_open = app.store.coverage.open()
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))
    if not still_open:
        return Health(ok=True, detail="All places of the systems are decided on.")
    systems = listed(sorted({noted.system for noted in still_open}))
    detail = (
        f"{counted(len(still_open), 'place')} at {systems} may hold personal data and are not in the "
        "configuration; decide on each at the desk, on the page Coverage."
    )
    return Health(ok=True, detail=detail, is_doubtful=True)
