"""What the doubles of vendors have in common: people, lists as the vendors search them, and the bench on a double."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from rightsflow.testing.bench import Bench
from tests.integration.connectors.rest.rig import known
from tests.support.rest_double import Answer, RestDouble

EMAIL, PHONE, CUSTOMER_ID, NAME = "anna.berg@example.com", "+4930901820", "KD-100482", "Anna Berg"
BEN_EMAIL, BEN_PHONE, BEN_ID = "ben.stone@example.com", "+49309018201", "kd-100482"
EVE_EMAIL, EVE_ID = "eve.marsh@example.com", "KD-300300"
KETTLE = "My kettle hums. " * 40 + "It hums in A flat."
WAV = b"RIFF an invented recording " * 40
REFUSALS = (403, 404, 0)


class World:
    """A vendor's account.

    Args:
        authorization: What signs in.
        held: Everything that it holds, by collection and id.
        is_annas: Whether a row is hers; the others are the neighbours'.
    """

    def __init__(
        self,
        authorization: str,
        held: dict[str, dict[str, dict[str, Any]]],
        is_annas: Callable[[str, dict[str, Any]], bool],
    ) -> None:
        self.double, self.rows, self._is_annas = RestDouble(authorization), held, is_annas

    def routes(self, routes: Iterable[tuple[str, str, Callable[..., Answer]]]) -> None:
        """Answer calls."""
        for method, pattern, route in routes:
            self.double.on(method, pattern, route)

    def held(self) -> str:
        """Everything that it holds, as text."""
        return json.dumps(self.rows)

    def of_others(self) -> str:
        """Everything that is not Anna's."""
        return json.dumps(
            {name: [row for row in rows.values() if not self._is_annas(name, row)] for name, rows in self.rows.items()}
        )

    def chosen(self, name: str, fits: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """The rows of a collection that fit, or all while filters are ignored."""
        return [row for row in self.rows[name].values() if self.double.ignores_filters or fits(row)]


def bench_on(
    world: World,
    connector: Callable[..., Any],
    *,
    expected: Mapping[str, int],
    lists: Iterable[str],
    reads: Iterable[str],
    **more: Any,
) -> Bench:
    """The bench on a double.

    Args:
        world: The account.
        connector: Makes the connector; takes the reference of the secret.
        expected: How many records of each kind are Anna's.
        lists: The lists that a search reads, as patterns of method and path.
        reads: The single reads, likewise.
        more: Further parts of the bench, which count before the usual ones.
    """
    double = world.double
    usual: dict[str, Any] = {
        "known": known(email=EMAIL),
        "nobody": known(email="nobody@example.net", phone="+4940111222333", customer_id="KD-999999"),
        "canaries": frozenset({EMAIL, EMAIL.replace("@", "%40"), CUSTOMER_ID, NAME, "30901820"}),
        "ignoring_filters": double.ignoring_filters,
    }
    return Bench(
        **usual | more,
        connector=connector("env:VENDOR_KEY"),
        expected=expected,
        neighbours=world.of_others,
        outage=partial(double.failing, ".", 503),
        wrong_credentials=lambda: connector("env:WRONG_KEY"),
        refused_lists={
            f"{path} {status}": partial(double.failing, path, status) for path in lists for status in REFUSALS
        },
        refused_reads={
            f"{path} {status}": partial(double.failing, path, status) for path in reads for status in (403, 500)
        },
    )
