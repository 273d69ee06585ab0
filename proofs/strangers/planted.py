"""What was planted, whose it is, and what a system holds at one moment.

Everything that is planted carries a word that occurs nowhere else (a *mark*). What a package, a row, a file or a
version of an object holds is judged by the marks in it, so that the judgement owes nothing to the code that is judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from proofs.strangers.people import word

Row = Mapping[str, str]
Snapshot = Mapping[str, Row]
"""Every row, file and version of one system by its place, each as columns with canonical texts."""

NOTE = "?"
"""So begin columns that are not stored: a snapshot notes in them whose a thing is, where another one tells that."""

_MARK = re.compile(r"zq[bcdfghjklmnpqrst]{12}")


@dataclass(frozen=True, slots=True)
class Mark:
    """What has to become of a piece of content.

    Args:
        word: The word in it.
        system: Where it was planted.
        what: What it is, for the report.
        owners: Whose data it is; empty for what the controller's staff wrote.
        given: To whom an access request gives it.
        may_see: Who may see it, without having to: an answer that staff wrote to the person.
        erased: With whose erasure it goes.
    """

    word: str
    system: str
    what: str
    owners: frozenset[int]
    given: frozenset[int]
    may_see: frozenset[int]
    erased: frozenset[int]


@dataclass
class Marks:
    """All marks, by their words."""

    by_word: dict[str, Mark] = field(default_factory=dict)

    def plant(
        self,
        system: str,
        what: str,
        owners: Iterable[int],
        *,
        given: Iterable[int] | None = None,
        erased: Iterable[int] | None = None,
        may_see: Iterable[int] = (),
    ) -> str:
        """A new mark; unless told otherwise it is given to its owners, and goes with the only one.

        Args:
            system: Where it is planted.
            what: What it is, unique there.
            owners: Whose it is.
            given: To whom it is given.
            erased: With whose erasure it goes.
            may_see: Who else may see it.
        """
        everybody = frozenset(owners)
        mark = Mark(
            word=word(f"{system} {what}"),
            system=system,
            what=what,
            owners=everybody,
            given=everybody if given is None else frozenset(given),
            may_see=frozenset(may_see),
            erased=(everybody if len(everybody) == 1 else frozenset()) if erased is None else frozenset(erased),
        )
        if mark.word in self.by_word:
            raise ValueError(f"{system} {what} was planted twice")
        self.by_word[mark.word] = mark
        return mark.word

    def within(self, text: str) -> list[Mark]:
        """The marks in a text."""
        return [self.by_word[one] for one in dict.fromkeys(_MARK.findall(text)) if one in self.by_word]

    def stored_in(self, row: Row) -> list[Mark]:
        """The marks in a row, without what is noted beside it."""
        return [mark for name, value in row.items() if not name.startswith(NOTE) for mark in self.within(value)]

    def owners_of(self, row: Row) -> frozenset[int]:
        """Whose the marks in a row are."""
        return frozenset(owner for value in row.values() for mark in self.within(value) for owner in mark.owners)


@dataclass(frozen=True, slots=True)
class Rule:
    """What an erasure may do to the things of one sort, as their operator configured it.

    Args:
        owners: Whose a thing is; empty for the controller's own.
        blanked: The columns that are blanked where the thing stays; empty where it goes.
        shared: The columns that may be blanked in a thing of several people.
    """

    owners: Callable[[Row], frozenset[int]]
    blanked: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Held:
    """One system's side of the proof.

    Args:
        name: As in the configuration.
        rules: By the first part of a place (``issues`` of ``issues/17``); what has none is no one's and never changes.
        snapshot: Reads everything that the system holds.
        may_come: The first parts of places that an erasure may add, without content: delete markers.
    """

    name: str
    rules: Mapping[str, Rule]
    snapshot: Callable[[], Snapshot]
    may_come: frozenset[str] = frozenset()

    def rule_of(self, place: str) -> Rule | None:
        """The rule of a thing."""
        return self.rules.get(place.partition("/")[0])
