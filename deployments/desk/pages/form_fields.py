"""Common readers of form fields: days, numbers, people, refusals of requests, and decisions on single records."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from deployments.desk.visit import NotNow, Visit, Wrong
from rightsflow.cases.app import App
from rightsflow.cases.facts.people import may_own
from rightsflow.domain.case.record_decisions import RecordDecision, read_record_decisions
from rightsflow.domain.errors import BadInput, Conflict, Misconfigured
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.refusals import ASKED, REASONS, WOULD_SHOW, Reason, reasons_for, sentence_of
from rightsflow.domain.processors.answers import MOST_RECORDS
from rightsflow.domain.vocabulary.rights import Right

_MOST_DIGITS: Final = 9
_MOST_PAGE_DIGITS: Final = 6


def worded(these: Iterable[StrEnum]) -> list[tuple[str, str]]:
    """Choices of a list: each value, and its words with a capital at the beginning and names of laws as they are.

    Args:
        these: What can be chosen, in order.
    """
    return [(str_enum.value, str_enum.value[:1].upper() + str_enum.value[1:]) for str_enum in these]


def asked_page(visit: Visit) -> int:
    """Return the page of a list that the address asks for, from 1; the first by default."""
    asked = visit.asked("page")
    is_number = asked.isascii() and asked.isdigit() and len(asked) <= _MOST_PAGE_DIGITS
    return max(int(asked), 1) if is_number else 1


def typed_day(visit: Visit, name: str) -> date:
    """The day that a calendar field holds.

    Args:
        visit: The request.
        name: The field's name.

    Raises:
        Wrong: It is not a date.
    """
    try:
        return date.fromisoformat(visit.typed(name).strip())
    except ValueError:
        raise Wrong({name: "That is not a date; use YYYY-MM-DD, such as 2026-12-21."}) from None


def typed_numbers(visit: Visit, name: str) -> list[int]:
    """The numbers of things that were chosen from a list of which several can be.

    Args:
        visit: The request.
        name: The field's name.

    Raises:
        Wrong: One is none.
    """
    return [_number(name, typed) for typed in visit.chosen(name)]


def typed_number(visit: Visit, name: str) -> int:
    """The number of something that was chosen from a list.

    Args:
        visit: The request.
        name: The field's name.

    Raises:
        Wrong: It is none.
    """
    return _number(name, visit.typed(name))


def _number(name: str, text: str) -> int:
    typed = text.strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS):
        raise Wrong({name: "Select an item from the list."})
    return int(typed)


def typed_count(visit: Visit, name: str) -> int | None:
    """A number of records; ``None`` for an empty field.

    Args:
        visit: The request.
        name: The field's name.

    Raises:
        Wrong: It is none.
    """
    typed = visit.typed(name).strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= len(str(MOST_RECORDS))):
        raise Wrong({name: "That is not a number of records; give digits alone."})
    return int(typed)


def owner_choices(app: App) -> list[tuple[str, str]]:
    """Return the people to whom a case can be handed: key and name.

    Args:
        app: What it works with.
    """
    return [(key, name) for key, name in people_choices(app) if may_own(app, key)]


def people_choices(app: App) -> list[tuple[str, str]]:
    """Return all people who can answer for a case: key and name; with the key if two have the same name.

    Args:
        app: What it works with.
    """
    people = app.settings.people_by_key
    names = Counter(person.full_name for person in people.values())
    return [
        (key, person.full_name if names[person.full_name] == 1 else f"{person.full_name} ({key})")
        for key, person in people.items()
    ]


@contextmanager
def beside(name: str, *, conflicts: bool = False) -> Iterator[None]:
    """Show an error beside a field, if the refusal can only be about that field.

    Args:
        name: The field's name.
        conflicts: Whether what the case does not allow can only be about it too.

    Raises:
        Wrong: What was done in it was refused as bad input.
        NotNow: The case does not allow it.
    """
    try:
        yield
    except (Misconfigured, Wrong, NotNow):
        raise
    except BadInput as error:
        raise Wrong({name: str(error)}) from None
    except Conflict as error:
        if conflicts:
            raise NotNow({name: str(error)}) from None
        raise


@contextmanager
def beside_named(*names: str) -> Iterator[None]:
    """Show an error beside the field that the refusal names, if the form has it.

    Args:
        *names: The fields of the form, called as the refusals call them.

    Raises:
        Wrong: What was done in it was refused as bad input about one of them.
    """
    try:
        yield
    except BadInput as error:
        if error.about in names:
            raise Wrong({error.about: str(error)}) from None
        raise


@dataclass(frozen=True, slots=True)
class RefusalChoice:
    """A reason that can be chosen.

    Args:
        code: Its code, such as ``R7``.
        words: What it says.
        details: What it has to say besides: the name of each field, and its label.
    """

    code: str
    words: str
    details: tuple[tuple[str, str], ...]


def refusal_choices(
    right: Right, gate: Gate, law: str, *, nothing_held: bool = False, whose_is_open: bool = False
) -> list[RefusalChoice]:
    """The reasons for which a request can be refused at a gate.

    Args:
        right: What was asked for.
        gate: Where.
        law: The law's name.
        nothing_held: Whether nothing was found.
        whose_is_open: Whether another case may be of the same person and holds something.
    """
    fitting = sorted(
        reasons_for(right, gate, nothing_held=nothing_held, whose_is_open=whose_is_open),
        key=lambda reason: reason.number,
    )
    return [RefusalChoice(reason.value, sentence_of(reason, right, law), _fields(reason)) for reason in fitting]


def typed_refusal(visit: Visit, gate: Gate) -> Decision:
    """The refusal that was typed.

    Args:
        visit: The request.
        gate: Where.

    Raises:
        Wrong: The reason or its code is missing.
    """
    visit.needed(
        {"refusal": "Choose why the request is refused.", "refusal_reason": "Give the reason, in words for the person."}
    )
    code = visit.typed("refusal")
    fields = _fields(Reason(code)) if code in set(Reason) else ()
    return Decision(
        gate=gate,
        verdict=Verdict.REFUSED,
        by=visit.actor,
        reason=visit.typed("refusal_reason").strip(),
        code=code,
        details={label: visit.typed(name).strip() for name, label in fields if visit.typed(name).strip()},
    )


def _fields(reason: Reason) -> tuple[tuple[str, str], ...]:
    labels = (label for label in REASONS[reason][1] if label not in {ASKED, WOULD_SHOW})
    return tuple((f"{reason.value}-{number}", label) for number, label in enumerate(labels, start=1))


SELECTIONS: Final = (1, 2, 3)
"""The rows in which several records at once are decided on."""
_FROM_LINES: Final = re.compile("Line 1( of the decisions on records)?")
_SINGLE: Final = re.compile("act-([0-9]{1,9})", re.ASCII)


def typed_decisions(visit: Visit) -> dict[str, RecordDecision]:
    """The decisions on single records and on selections.

    Raises:
        Wrong: One cannot be read; the field is named.
    """
    decided: dict[str, RecordDecision] = {}
    for name, line in _lines(visit):
        try:
            read = read_record_decisions([line])
        except BadInput as error:
            raise Wrong({name: _FROM_LINES.sub("This", str(error))}) from None
        if twice := sorted(set(read) & set(decided)):
            raise Wrong({name: f"Record {twice[0]} is decided on twice; leave one of them."})
        decided |= read
    return decided


def _lines(visit: Visit) -> Iterator[tuple[str, str]]:
    """Each decision as its line, with the field that it is typed into."""
    numbers = {int(found[1]) for name in visit.form if (found := _SINGLE.fullmatch(name))}
    for number in sorted(numbers):
        if act := visit.typed(f"act-{number}"):
            yield f"act-{number}", f"{number}: {_what(visit, act, str(number))}"
    for row in SELECTIONS:
        which, act = visit.typed(f"which-s{row}").strip(), visit.typed(f"act-s{row}")
        if act and not which:
            raise Wrong({f"which-s{row}": "Say which records, such as 3-7, 12 or helpdesk ticket."})
        if which and not act:
            raise Wrong({f"act-s{row}": "Choose what is decided on these records."})
        if which:
            yield f"which-s{row}", f"{which}: {_what(visit, act, f's{row}')}"


def typed_act(visit: Visit, which: str) -> str:
    """Return the decision on selected records, in the form of the lines of all gates behind their colon.

    Args:
        visit: The request.
        which: What the names of its fields end with.

    Raises:
        Wrong: It says too little; the field is named.
    """
    visit.needed({f"act-{which}": "Choose what is decided on these records."})
    return _what(visit, visit.typed(f"act-{which}"), which)


def _what(visit: Visit, act: str, which: str) -> str:
    if act not in {"keep", "restrict", "leave out"}:
        return act
    ground, provision = _typed(visit, f"ground-{which}"), _typed(visit, f"provision-{which}")
    if not ground:
        raise Wrong({f"ground-{which}": "Give the ground, in words for the person."})
    if act == "leave out":
        return f"leave out | {ground}" + (f" | {provision}" if provision else "")
    until, ends = _typed(visit, f"until-{which}"), _typed(visit, f"ends-{which}")
    if not (until or ends):
        raise Wrong({f"until-{which}": "Say until which day it is kept, or what ends that."})
    if not provision:
        raise Wrong({f"provision-{which}": "Give the provision, such as Art. 17(3)(e)."})
    return f"{act} | {ground} | {provision} | {f'until {until}' if until else f'ends when {ends}'}"


def _typed(visit: Visit, name: str) -> str:
    # The bar parts the fields of a line.
    return " ".join(visit.typed(name).replace("|", "/").split())
