"""The records of a case by their short numbers, with what each is: for the gate and the sheet. No personal data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from rightsflow.cases.facts.overview.account import RecordLine
from rightsflow.domain.case.findings import Fate
from rightsflow.domain.gates.package_changes import is_taken_in
from rightsflow.domain.wording import counted

_MOST_SINGLE: Final = 300
"""From how many records on they are listed by ranges of numbers instead of by days."""


def numbered(lines: Iterable[RecordLine]) -> str:
    """The numbers of records, as ``3–7, 12``."""
    runs: list[list[int]] = []
    for number in sorted(line.number for line in lines):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def record_list(lines: Sequence[RecordLine]) -> Iterator[str]:
    """Every record by its number, with system, kind and day, as lines of Markdown.

    Args:
        lines: The records of the case.
    """
    by_kind: dict[tuple[str, str], list[RecordLine]] = {}
    for line in lines:
        by_kind.setdefault((line.system, line.kind), []).append(line)
    for (system, kind), these in sorted(by_kind.items()):
        told = _spans(these) if len(lines) > _MOST_SINGLE else _days(these)
        yield f"- {system} {kind}: {', '.join(told)}"
    if len(lines) > _MOST_SINGLE:
        yield "- The day of each number is in the list of `rightsflow show`."


def _days(lines: Sequence[RecordLine]) -> Iterator[str]:
    for day, these in groupby(lines, key=lambda line: line.occurred_on):
        yield f"{numbered(these)} ({f'{day:%d %b %Y}' if day else 'no date'})"


def _spans(lines: Sequence[RecordLine]) -> Iterator[str]:
    days = sorted(line.occurred_on for line in lines if line.occurred_on)
    span = f" ({days[0]:%d %b %Y} to {days[-1]:%d %b %Y})" if days else ""
    yield f"{numbered(lines)}{span}"


MAY_BE_TAKEN_IN: Final = (
    "If one is the person's, look at it and take it in before the release, at the desk or with `rightsflow case "
    "take-in`."
)
"""The officer's options for a record in doubt that is left out of a copy."""


def taken_in_lines(lines: Iterable[RecordLine]) -> Iterator[str]:
    """Yield the records in doubt that are disclosed, the decider of each, and a note if the package lacks them yet.

    Args:
        lines: The records of the case.
    """
    taken: dict[tuple[str, bool], list[RecordLine]] = {}
    for line in filter(is_taken_in, lines):
        by = line.decided.by if line.decided else ""
        taken.setdefault((by, line.fate is Fate.FOUND), []).append(line)
    for (by, is_missing), these in taken.items():
        what = "The package has to be made again with that." if is_missing else "Read that in the package."
        said = counted(len(these), "record in doubt was", "records in doubt were")
        yield ""
        yield f"**{said} taken in by {by}** ({numbered(these)}). {what}"
