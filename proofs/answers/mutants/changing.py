"""How the product is changed for a mutant: another template, function or value for as long as it is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from types import ModuleType
from typing import Any, TypeAlias
from unittest.mock import patch

from jinja2 import ChoiceLoader, DictLoader, Environment

from rightsflow.audit.evidence import page as evidence_page
from rightsflow.cases.overview import record_fates
from rightsflow.documents.letters import rendering as letters
from rightsflow.documents.letters import rules
from rightsflow.documents.package import package_pages as rendering
from rightsflow.domain.case import fates
from rightsflow.domain.case.fates import Fate
from rightsflow.domain.records import OutcomeKind

DAY = timedelta(days=1)
PutIn: TypeAlias = Callable[[], AbstractContextManager[object]]
"""Makes a change for as long as its context is entered."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change.

    Args:
        what: What is wrong then, in words.
        put_in: Makes the change for as long as its context is entered.
        ends: The ends of the cases in which it can show, where it shows in few; any by default.
        rights: Which of the rights beside access and erasure it is about; none by default, where it shows in those two.
        together: Whether it shows where two requests of a person are open side by side, or a case is stopped.
    """

    what: str
    put_in: PutIn
    ends: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    together: bool = False


@contextmanager
def _template(environment: Callable[[], Environment], name: str, old: str, new: str) -> Iterator[None]:
    """Another text in a template; the checks of the finished text are put aside, since they would stop it."""
    made = environment()
    before = made.loader
    source = before.get_source(made, name)[0]  # type: ignore[union-attr]
    if old not in source:
        raise LookupError(f"{name} does not hold what the mutant changes: {old}")
    made.loader = ChoiceLoader([DictLoader({name: source.replace(old, new, 1)}), before])  # type: ignore[list-item]
    made.cache.clear()  # type: ignore[union-attr]
    try:
        with patch.object(rules, "check_body", lambda *_: None):
            yield
    finally:
        made.loader = before
        made.cache.clear()  # type: ignore[union-attr]


def letter(name: str, old: str, new: str = "") -> PutIn:
    """Another text in a letter."""
    return lambda: _template(letters._environment, f"en/{name}.txt.j2", old, new)


def page(name: str, old: str, new: str = "") -> PutIn:
    """Another text in a page of the package."""
    return lambda: _template(rendering._environment, name, old, new)


def evidence(old: str, new: str = "") -> PutIn:
    """Another text in the evidence page."""
    return lambda: _template(evidence_page._environment, "evidence.html.j2", old, new)


def fate(wrong: dict[Fate, Fate]) -> PutIn:
    """A record that is called something else than what became of it, in everything that counts by the account."""
    real = fates.fate_after

    def other(outcome: OutcomeKind, **how: bool) -> Fate:
        found = real(outcome, **how)
        return wrong.get(found, found)

    def put_in() -> ExitStack:
        stack = ExitStack()
        stack.enter_context(patch.object(record_fates, "fate_after", other))
        return stack

    return put_in


def shown(owner: type, name: str, value: Callable[[Any], object]) -> PutIn:
    """Another value of a property."""
    return lambda: patch.object(owner, name, property(value))


def day_later(owner: type, name: str, days: int = 1) -> PutIn:
    """The day after, or another so many days off, in place of a property's day."""
    real = getattr(owner, name).fget

    def later(self: object) -> date | None:
        found: date | None = real(self)
        return found and found + days * DAY

    return lambda: patch.object(owner, name, property(later))


def function(module: ModuleType | type, name: str, value: object) -> PutIn:
    """Another function in a module."""
    return lambda: patch.object(module, name, value)
