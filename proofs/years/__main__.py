"""``python -m proofs.years``: twelve years after erasures in ten countries, judged by the letters and the systems."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from proofs.common import head, row, say
from proofs.years.life import live

_COLUMNS = (
    *("country", "cases", "no advertising", "restricted", "records kept", "days judged", "holds"),
    *("restores", "purged", "findings"),
)
COUNTRIES = ("DE", "AT", "CH", "FR", "ES", "IT", "NL", "PL", "IE", "SE")


def main() -> int:
    """Play the years and print the result; returns 1 if something was not as a letter said."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=2, help="erasures in each country")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--country", action="append", choices=COUNTRIES, help="only this one; may be given again")
    given = arguments.parse_args()
    logging.disable(logging.WARNING)
    say(head(*_COLUMNS))
    findings = []
    for country in given.country or COUNTRIES:
        with TemporaryDirectory() as folder:
            years = live(country, given.cases, given.seed, Path(folder))
        figures = (years.cases, years.objections, years.restrictions, years.kept, years.looks, years.holds)
        say(row(country, *figures, years.restores, years.purged, len(years.findings)))
        findings += [f"{country} {one}" for one in years.findings]
    say(*findings)
    return int(bool(findings))


if __name__ == "__main__":
    sys.exit(main())
