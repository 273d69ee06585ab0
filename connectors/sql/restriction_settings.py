"""The column that marks a row as restricted."""

from __future__ import annotations

from connectors.settings import Strict

Mark = str | int | bool | None


class Restriction(Strict):
    """A column that says that a row is stored and used for nothing else (Art. 18 GDPR).

    Your own programs have to leave rows out that have it: no view, no export, no mailing may show them. A column
    that has another use too (a ticket that is private) loses what stood there when the restriction is lifted.

    Args:
        column: Its name.
        value: What is written into it; ``true`` by default.
        lifted: What is written into it when the restriction is lifted; ``false`` by default.
    """

    column: str
    value: Mark = True
    lifted: Mark = False
