"""What is done to something, to what, and how it has to be called; the tables of what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from proofs.common import Adding, head, row


@dataclass(frozen=True)
class Change:
    """One change that was made."""

    kind: str
    target: str
    names: tuple[str, ...]


@dataclass
class Tally(Adding):
    """How many changes of one kind to one target were tried, were caught, and were called by their name."""

    tried: int = 0
    caught: int = 0
    named: int = 0
    missed: list[str] = field(default_factory=list)


Table = dict[tuple[str, str], Tally]


def note(table: Table, change: Change, found: Sequence[str], seed: int) -> None:
    said = " ".join(found).lower()
    tally = table.setdefault((change.target, change.kind), Tally())
    tally.tried += 1
    tally.caught += bool(said)
    is_named = any(name.lower() in said for name in change.names)
    tally.named += is_named
    if not is_named:
        tally.missed.append(f"{change} (seed {seed}): {' '.join(found) or 'nothing'}")


def merged(tables: Iterable[Table]) -> Table:
    whole: Table = {}
    for table in tables:
        for key, tally in table.items():
            whole.setdefault(key, Tally()).add(tally)
    return whole


def markdown(title: str, table: Table) -> str:
    lines = [head(title, "change", "tried", "caught", "named")]
    whole = Tally()
    for (target, kind), tally in sorted(table.items()):
        lines.append(row(target, kind, tally.tried, tally.caught, tally.named))
        whole.add(tally)
    lines.append(row("**all**", "", *(f"**{one}**" for one in (whole.tried, whole.caught, whole.named))))
    return "\n".join([*lines, *(f"- {one}" for one in whole.missed)])


def flipped_letter(text: str, at: int, chance: Random) -> str:
    letters = [one for one in "0123456789abcdefghijklmnopqrstuvwxyz" if one != text[at]]
    return text[:at] + chance.choice(letters) + text[at + 1 :]


def another(chance: Random, most: int, *than: int) -> int:
    return chance.choice([one for one in range(most) if one not in than])
