"""The laws that answers are written under: how each is cited, where it ends, and what can be done against an answer.

The clock has rules of further laws (``rightsflow.domain.deadlines.regimes``); letters and packages are written for
these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from rightsflow.domain.deadlines.model import DeadlineType, Regime
from rightsflow.domain.deadlines.regimes import RULES
from rightsflow.domain.errors import BadInput

AnsweredRegime = Literal["gdpr", "uk-gdpr"]
"""The laws whose answers are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """The citations of a law in letters and other documents.

    Args:
        name: Its short name, for example ``"UK GDPR"``.
        territory: What a transfer to a third country leaves.
        extension: The provision on the extension of the period.
        complaint: The provision on a complaint to the authority.
        court: Where the person can go to court, with the provision.
        complaints_to_controller_from: The day from which the controller has to hear complaints itself (s. 164A Data
            Protection Act 2018); ``None`` where the law does not say so.
    """

    name: str
    territory: str
    extension: str
    complaint: str
    court: str
    complaints_to_controller_from: date | None = None

    def hears_complaints(self, on: date) -> bool:
        """Return whether the controller has to hear complaints itself on that day."""
        return self.complaints_to_controller_from is not None and on >= self.complaints_to_controller_from


_OWN_LAW: Mapping[str, tuple[str, AnsweredRegime | None]] = MappingProxyType(
    {"CH": ("Swiss Federal Act on Data Protection (FADP)", None), "GB": ("UK GDPR", "uk-gdpr")}
)
"""Countries outside the Union with a law of their own, and the regime of it; ``None`` where it has no letters."""


def refuse_foreign_law(regime: AnsweredRegime, country: str) -> None:
    """Refuse a law that does not govern a controller's country.

    What the GDPR excepts from erasure, Union or Member State law orders (Art. 17(3)(b)), and its authorities are those
    of a Member State (Art. 77): a Swiss duty under Art. 958f OR is no exception of it.

    Args:
        regime: The law that the letters cite.
        country: The controller's country, ISO 3166-1 alpha-2.

    Raises:
        BadInput: The country has another law.
    """
    name, own = _OWN_LAW.get(country, ("GDPR", "gdpr"))
    if own is None:
        raise BadInput(
            f"a controller in {country} answers under the {name}, for which no letters are written yet; answer these "
            "requests without this software, or give the Member State of the establishment that answers"
        )
    if own != regime:
        raise BadInput(f'a controller in {country} answers under the {name}; set regime = "{own}"')


LAWS: Mapping[AnsweredRegime, Law] = MappingProxyType(
    {
        "gdpr": Law(
            name="GDPR",
            territory="the European Economic Area",
            extension="Art. 12(3) GDPR",
            complaint="Art. 77 GDPR",
            court=(
                "the courts of the country where we are established, or of the country where you live (Art. 79 GDPR); "
                "a complaint to an authority is not needed first"
            ),
        ),
        "uk-gdpr": Law(
            name="UK GDPR",
            territory="the United Kingdom",
            extension="Art. 12A UK GDPR",
            complaint="s. 165 Data Protection Act 2018",
            court=(
                "the High Court or a county court in England and Wales or in Northern Ireland, the Court of Session or "
                "the sheriff court in Scotland (Art. 79 UK GDPR, s. 180 Data Protection Act 2018); a complaint is not "
                "needed first"
            ),
            complaints_to_controller_from=RULES[Regime.UK_GDPR, DeadlineType.COMPLAINT_ACK][0].in_force_from,
        ),
    }
)
