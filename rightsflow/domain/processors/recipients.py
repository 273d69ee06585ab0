"""Recipients in the record of processing that no section of the register covers (Art. 19 GDPR). Pure.

Each recipient to whom data were disclosed is told of an erasure, a restriction and a rectification. One with a section
gets a notice by the software; of any other a person tells it, by a task of the case.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rightsflow.domain.people import folded
from rightsflow.domain.processors.held import GONE
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.rights import ERASING, Right

_TASK: Final = re.compile(r"Tell (.+) of the (?:erasure|restriction|rectification), or note why that is impossible ")
_MATTERS: Final = {Right.RESTRICTION: "restriction", Right.RECTIFICATION: "rectification"}


def is_named(recipient: str, name: str) -> bool:
    """Return whether a recipient is a company, with or without its role in brackets.

    Args:
        recipient: The recipient, in the words of the record of processing.
        name: The company's name.
    """
    plain, said = folded(name), folded(recipient)
    return said == plain or said.startswith(f"{plain} (")


def without_section(recipients: Iterable[str], told: Collection[str]) -> tuple[str, ...]:
    """Return the independent recipients that no section covers.

    One that is named as a processor, such as ``"Zendesk (processor)"``, runs the system in which the software erases,
    or has a section by which it is instructed.

    Args:
        recipients: The recipients of a system.
        told: The names of the companies with a section that names the system, and of their sub-processors.
    """
    own = (recipient for recipient in recipients if not is_processor(recipient))
    return tuple(recipient for recipient in own if not any(is_named(recipient, name) for name in told))


def is_processor(recipient: str) -> bool:
    """Return whether a recipient is named as a processor, and as nothing else.

    Args:
        recipient: The recipient, in the words of the record of processing.
    """
    what = folded(recipient).partition("(")[2]
    return "processor" in what and "controller" not in what


def matter_of(right: Right) -> str:
    """Return the subject of the notices: the erasure, the restriction or the rectification.

    Args:
        right: What the person asked for.
    """
    return _MATTERS.get(right, "erasure")


def is_told_of(right: Right, outcome: OutcomeKind | None, *, is_stored_only: bool) -> bool:
    """Return whether recipients are notified of a record's outcome.

    Args:
        right: What the person asked for.
        outcome: What became of the record.
        is_stored_only: Whether it is stored and used for nothing else, by a mark or by a person.
    """
    if right in ERASING:
        return outcome in GONE
    if right is Right.RESTRICTION:
        return is_stored_only
    return right is Right.RECTIFICATION and outcome is OutcomeKind.RECTIFIED


@dataclass(frozen=True, slots=True, kw_only=True)
class ToTell:
    """A recipient that a person has to notify.

    Args:
        name: The recipient, in the words of the record of processing.
        system: The system whose data it got.
        categories: What it is told of: each category with its number of records.
    """

    name: str
    system: str
    categories: Mapping[str, int]

    def task(self, right: Right, law: str) -> str:
        """Return the task in words without personal data.

        Args:
            right: What the person asked for.
            law: The law, as it is cited.
        """
        of = ", ".join(f"{category} ({count:,})" for category, count in sorted(self.categories.items()))
        return f"Tell {self.name} of the {matter_of(right)}, or note why that is impossible (Art. 19 {law}): {of}."


def told_by_task(what: str) -> str:
    """Return the recipient that a task asks a person to notify; empty for any other task.

    Args:
        what: What there is to do, in the words of the task.
    """
    found = _TASK.match(what)
    return found[1] if found else ""


def to_tell(done: Iterable[tuple[str, str]], recipients: Mapping[str, Collection[str]]) -> Iterator[ToTell]:
    """Yield the recipients that a person has to notify, once for each system.

    Args:
        done: System and category of each record of which recipients are told.
        recipients: The recipients without a section, by system.
    """
    by_system: dict[str, Counter[str]] = {}
    for system, category in done:
        by_system.setdefault(system, Counter())[category] += 1
    for system, categories in sorted(by_system.items()):
        for name in recipients.get(system, ()):
            yield ToTell(name=name, system=system, categories=categories)
