"""Definition of the desk's pages: the page itself, its actions, and the permission that each needs.

A page is a function that shows it, and any number of functions that do what its forms ask for::

    @page("/cases/{case_id}/identity", needs=Permission.READ_CASES)
    def identity(visit: Visit) -> Response:
        return visit.show("identity.html", case=...)


    @identity.act(needs=Permission.CHECK_IDENTITY)
    def confirm(visit: Visit) -> Response:
        record_decision(visit.app, visit.path("case_id"), ..., by=visit.actor)
        return visit.go(case_address("", visit.path("case_id")), said="Identity is confirmed.")

A function that raises ``BadInput`` or ``Conflict`` has changed nothing: its page is shown again with the error's
sentence and the input. An action that needs a fresh proof (``rightsflow.domain.accounts.STEP_UP``) asks for a code
automatically; its form has the macro ``proof``. Functions run in threads, and may wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from types import ModuleType
from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import PREFIX
from deployments.desk.visit import Visit
from rightsflow.domain.accounts import STEP_UP, Permission
from rightsflow.domain.processors.files import MOST_DOCUMENT_BYTES

WITHOUT_A_FILE: Final = 2 * 1024 * 1024
"""The maximum size of a form in bytes: a form for many cases has thousands of fields."""
WITH_FILES: Final = MOST_DOCUMENT_BYTES + 256 * 1024
"""The maximum size in bytes of a form with documents."""
Shows = Callable[[Visit], Response]
Admits = Callable[[Visit], object]


class Visitor(Enum):
    """The visitors of pages and actions that need no permission."""

    ANYBODY = auto()
    """Signed in or not: the ways in."""
    MEMBER = auto()
    """Signed in, in whatever role."""


ANYBODY: Final = Visitor.ANYBODY
MEMBER: Final = Visitor.MEMBER
Needs = Permission | Visitor


@dataclass(frozen=True, slots=True)
class Act:
    """The action of a form.

    Args:
        path: Where it is sent.
        needs: Who may.
        does: What is done.
        is_own_account: Whether it changes how the person signs in.
        is_of_many: Whether it changes many cases at once.
        shows_data: Whether its answer shows personal data.
    """

    path: str
    needs: Needs
    does: Shows
    is_own_account: bool = False
    is_of_many: bool = False
    shows_data: bool = False

    @property
    def needs_fresh_proof(self) -> bool:
        """True if a session alone is not enough."""
        return self.is_own_account or self.is_of_many or self.shows_data or self.needs in STEP_UP


@dataclass(slots=True)
class Page:
    """A page.

    Args:
        path: Where it is, with the desk's prefix.
        needs: Who may see it.
        shows: What it shows.
        acts: What can be done on it.
        admits: Of a page for people of other companies, refuses with ``BadInput`` who has no link to it; it is asked
            before a form is read, and the page has its own rate limit.
        most_bytes: How large its forms may be.
        is_background: Whether pages ask for it by themselves, which keeps no session alive.
    """

    path: str
    needs: Needs
    shows: Shows
    acts: list[Act] = field(default_factory=list)
    admits: Admits | None = None
    most_bytes: int = WITHOUT_A_FILE
    is_background: bool = False

    def act(
        self,
        below: str = "",
        *,
        needs: Needs,
        is_own_account: bool = False,
        is_of_many: bool = False,
        shows_data: bool = False,
    ) -> Callable[[Shows], Shows]:
        """Register the action of a form of this page.

        Args:
            below: What the form's address has after the page's own; nothing for the page's only form.
            needs: Who may.
            is_own_account: Whether it changes how the person signs in, for which a session alone is not enough.
            is_of_many: Whether it changes many cases at once, for which a session alone is not enough either.
            shows_data: Whether its answer shows personal data, for which it is not enough either.
        """

        def made(does: Shows) -> Shows:
            self.acts.append(Act(self.path.rstrip("/") + below, needs, does, is_own_account, is_of_many, shows_data))
            return does

        return made


def page(
    path: str,
    *,
    needs: Needs,
    admits: Admits | None = None,
    most_bytes: int = WITHOUT_A_FILE,
    is_background: bool = False,
) -> Callable[[Shows], Page]:
    """Show a page.

    Args:
        path: Where it is, below the desk's prefix, with parts such as ``{case_id}``.
        needs: Who may see it.
        admits: Of a page for people of other companies, refuses who has no link to it.
        most_bytes: How large its forms may be.
        is_background: Whether pages ask for it by themselves, which keeps no session alive.
    """

    def made(shows: Shows) -> Page:
        return Page(PREFIX + path, needs, shows, admits=admits, most_bytes=most_bytes, is_background=is_background)

    return made


def pages_of(modules: Iterable[ModuleType]) -> Iterator[Page]:
    """The pages of some modules."""
    for module in modules:
        yield from (var for var in vars(module).values() if isinstance(var, Page))
