"""L29: that a complaint to the controller was received (s. 164A Data Protection Act 2018)."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import model_validator

from rightsflow.documents.letters.variables import Contestable


class ComplaintReceived(Contestable):
    """L29. Within 30 days: the complaint was received and is investigated; the person will be told the outcome.

    Args:
        complained_on: The day on which the complaint was received.
        about_on: The day of the request that it is about.
    """

    complained_on: date
    about_on: date

    @model_validator(mode="after")
    def _in_the_united_kingdom(self) -> Self:
        if not self.hears_complaints:
            raise ValueError("the law of this letter knows no complaint to the controller")
        return self
