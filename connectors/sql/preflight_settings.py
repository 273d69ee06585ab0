"""What depends on a row, so that approver and person are told before and after an erasure."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from connectors.settings import Strict
from connectors.sql.column_values import Where
from rightsflow.domain.deadlines.periods import add_months
from rightsflow.domain.records import Fact


class Preflight(Strict):
    """What depends on the rows of a table: an order that is not fulfilled, a ticket that is not solved, a warranty.

    Args:
        open_when: When a row's matter still runs: columns with a value, or one of several values, such as
            ``{ status = ["new", "shipped"] }``.
        what: What runs then: ``order`` (it is kept until it is fulfilled) or ``ticket`` (the approver is told).
        warranty_months: For how many months from the row's ``occurred_at`` on it may be proof of a purchase for a
            warranty; 0 where it is none.
    """

    open_when: Where = Field(default_factory=dict)
    what: Literal["order", "ticket"] = "order"
    warranty_months: int = Field(default=0, ge=0, le=240, strict=True)

    @model_validator(mode="after")
    def _says_something(self) -> Preflight:
        if not self.open_when and not self.warranty_months:
            raise ValueError("give open_when, warranty_months, or both")
        return self

    def facts(self, row: dict[str, object], occurred_on: date | None, today: date) -> frozenset[Fact]:
        """What depends on a row.

        Args:
            row: The row.
            occurred_on: Its date.
            today: The present day in the same zone.
        """
        found: set[Fact] = set()
        if self.open_when and all(_is_one_of(row[name], wanted) for name, wanted in self.open_when.items()):
            found.add(Fact.OPEN_ORDER if self.what == "order" else Fact.OPEN_TICKET)
        if self.warranty_months and occurred_on and today <= add_months(occurred_on, self.warranty_months):
            found.add(Fact.WARRANTY)
        return frozenset(found)


def _is_one_of(value: object, wanted: object) -> bool:
    return value in wanted if isinstance(wanted, tuple) else value == wanted
