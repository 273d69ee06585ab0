"""A real case store that cases are put into one after another, and what was written of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.publishing import place_of
from proofs.answers.cases.controllers import any_settings
from rightsflow.app import mail_server
from rightsflow.cases.app import App
from rightsflow.store import Database, Store
from rightsflow.vault import MasterKey
from tests.support.stores import set_up, without_waiting_for_the_disk


@dataclass(slots=True)
class World:
    """A store that cases are put into one after another.

    Args:
        base: The runtime that each case's is made from.
        moment: The present instant, which the cases move.
        runtime: The runtime of the present case.
    """

    base: App
    moment: list[datetime]
    runtime: App = field(init=False)

    def __post_init__(self) -> None:
        """Start with the runtime as it is."""
        self.runtime = self.base


@contextmanager
def a_world(folder: Path) -> Iterator[World]:
    """An empty store in a folder."""
    database = without_waiting_for_the_disk(Database(f"sqlite:///{folder / 'cases.db'}"))
    set_up(database)
    moment = [datetime(2026, 1, 5, 9, tzinfo=UTC)]
    runtime = App(
        settings=any_settings(),
        store=Store(database, MasterKey(b"k" * 32), lambda: moment[0]),
        connectors={},
        systems={},
        work_location=str(folder / "work"),
        now=lambda: moment[0],
        import_location=str(folder / "imports"),
        open_mail=mail_server,
        open_place=place_of,
    )
    yield World(runtime, moment)
    database.close()


@dataclass(frozen=True, slots=True)
class Written:
    """A text with the case file as it was when it was written.

    Args:
        kind: What it is: the letter's name, ``sheet``, ``gate``, ``page``, ``certificate``, ``dpv`` or a file of the
            package (``package/index.html``).
        text: It itself.
        case: The case file as plain data.
    """

    kind: str
    text: str
    case: dict[str, Any]
