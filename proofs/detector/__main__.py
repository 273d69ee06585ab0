"""``python -m proofs.detector``: how many requests the detector finds in labelled texts, and its false alarms."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from proofs.common import head, row, say
from proofs.detector.texts import LANGUAGES, LabelledText, generated, requests, written
from rightsflow.detecting.detector import POSSIBLE, find_requests

LEAST_RECALL: Final = 0.95
MOST_FALSE: Final = 2.0
"""False alarms in a hundred texts without a request."""
SETS: Final = {"tuned on": lambda: [*generated(), *requests()], "held out": written}


@dataclass(slots=True)
class Figures:
    """What was found in the texts of one language."""

    found: int = 0
    right: int = 0
    quiet: int = 0
    seconds: float = 0.0
    missed: list[LabelledText] = field(default_factory=list)
    false: list[LabelledText] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / max(1, self.found + len(self.missed))

    @property
    def false_per_100(self) -> float:
        return 100 * len(self.false) / max(1, self.quiet + len(self.false))

    def add(self, text: LabelledText) -> None:
        begun = time.process_time()
        rights = [found.right for found in find_requests(text.text) if found.score >= POSSIBLE]
        self.seconds += time.process_time() - begun
        if text.right is None:
            self.quiet += not rights
            self.false += [text] * bool(rights)
        else:
            self.found += bool(rights)
            self.right += rights[:1] == [text.right]
            self.missed += [text] * (not rights)

    def cells(self) -> Iterator[object]:
        requests_read = self.found + len(self.missed)
        yield from (requests_read, f"{100 * self.recall:.1f} %", f"{100 * self.right / max(1, requests_read):.1f} %")
        texts = requests_read + self.quiet + len(self.false)
        yield from (f"{self.false_per_100:.1f}", f"{1000 * self.seconds / max(1, texts):.1f}")


def measured(texts: Sequence[LabelledText]) -> dict[str, Figures]:
    """Return the figures of each language."""
    figures = {language: Figures() for language in LANGUAGES}
    find_requests("The phrases are read before the first text.")
    for text in texts:
        figures[text.language].add(text)
    return figures


def report(name: str, figures: dict[str, Figures], *, lists: bool) -> bool:
    """Print the figures of a set, and return true if each language reaches the goal."""
    say("", head(name, "requests", "found", "right found", "false alarms in 100", "CPU ms a text"))
    say(*(row(language, *its.cells()) for language, its in figures.items()))
    for its in figures.values() if lists else ():
        say(*(f"missed {text.id}: {text.right}, {text.kind}" for text in its.missed))
        say(*(f"false alarm {text.id}: {text.kind}" for text in its.false))
    return all(its.recall >= LEAST_RECALL and its.false_per_100 <= MOST_FALSE for its in figures.values())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m proofs.detector", description=__doc__)
    parser.add_argument("--show", metavar="ID", help="print one text")
    parser.add_argument("--figures", action="store_true", help="figures only, no misses and false alarms")
    options = parser.parse_args()
    if options.show:
        say(*(text.text for texts in SETS.values() for text in texts() if text.id == options.show))
        return 0
    reached = {name: report(name, measured(texts()), lists=not options.figures) for name, texts in SETS.items()}
    if not reached["held out"]:
        say("", f"A language is below the goal on the texts held out: {LEAST_RECALL:.0%} found, {MOST_FALSE:g} false.")
    return 0 if reached["held out"] else 1


if __name__ == "__main__":
    sys.exit(main())
