"""The whole canary proof as a table: ``python -m proofs.canaries [sqlite|postgres]``.

Once with Prefect and the case store on SQLite and once on PostgreSQL, with every step failing in every system alone.
Ends with 1 if anything of the person was found where nothing may be, or a control was missed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from proofs.canaries.aftermath import Aftermath, go_through_everything
from proofs.canaries.looks import Look

_HEAD = "| place scanned | bytes | controls found / planted | hits |"
_RULE = "|---|---:|---:|---|"


def table(left: Aftermath) -> Iterator[str]:
    yield from (_HEAD, _RULE)
    for look in left.looks.values():
        found = f"{len(look.found)} / {len(look.planted)}"
        yield f"| {look.place} | {look.size:,} | {found} | {_hits(look)} |"


def _hits(look: Look) -> str:
    if not look.leaks:
        return "0"
    where: dict[str, set[str]] = {}
    for canary, place, _ in look.leaks:
        where.setdefault(place, set()).add(canary)
    told = "; ".join(f"{place}: {', '.join(sorted(canaries))}" for place, canaries in sorted(where.items()))
    return f"{len(look.leaks)} — {told}"


def is_proven(left: Aftermath) -> bool:
    return all(look.has_its_controls and not look.leaks for look in left.looks.values())


def main(names: list[str]) -> int:
    proven = True
    for name in names or ["sqlite", "postgres"]:
        since = time.monotonic()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            left = go_through_everything(Path(folder), on_postgres=name == "postgres")
        ends = ", ".join(f"{title}: {ends[-1].lower()}" for title, ends in left.journey.endings.items())
        print(f"\n## {name} ({time.monotonic() - since:.0f} s)\n\n{ends}\n", *table(left), sep="\n", flush=True)  # noqa: T201
        proven = proven and is_proven(left)
    return 0 if proven else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
