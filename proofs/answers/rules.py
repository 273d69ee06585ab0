"""Sentences: each has a form, and what has to be true where it stands; a line of no known form is a finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from proofs.answers.facts import Facts

DATE = r"\d{1,2} [A-Z][a-z]+ \d{4}"
_SLOTS: Mapping[str, str] = {
    "D": DATE,
    "N": r"[\d,]+",
    "S": r"[A-Z][\w ]*?",
    "T": r".+",
    "LAW": r"(?:UK )?GDPR",
}
TRUE: Callable[[Place], bool] = lambda _: True  # noqa: E731 - a sentence that is true of every case


@dataclass(slots=True)
class Place:
    """Where a line stands.

    Args:
        facts: The case.
        kind: Which text.
        section: The heading above it.
        said: What stood in the form's slots.
        before: The lines before it, the nearest last.
    """

    facts: Facts
    kind: str
    section: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)

    def __getitem__(self, slot: str) -> str:
        """What stood in a slot, without the punctuation of numbers."""
        return self.said.get(slot) or ""

    def number(self, slot: str = "N") -> int:
        """The number in a slot."""
        return int(self[slot].replace(",", ""))


@dataclass(frozen=True, slots=True)
class Rule:
    """One form of sentence.

    Args:
        form: A regular expression in which ``{D}``, ``{D:name}`` and the like stand for what varies.
        holds: What has to be true.
        sections: The headings under which it may stand; none for any.
    """

    form: str
    holds: Callable[[Place], object] = TRUE
    sections: tuple[str, ...] = ()
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        """Read the form."""
        object.__setattr__(self, "pattern", re.compile(_read(self.form)))


def _read(form: str) -> str:
    def slot(found: re.Match[str]) -> str:
        kind, _, name = found[1].partition(":")
        return f"(?P<{name or kind}>{_SLOTS[kind]})"

    parts = re.split(r"(\{[A-Z]+(?::\w+)?\})", form)
    return "".join(slot(re.fullmatch(r"\{(.+)\}", one)) if one.startswith("{") else one for one in parts)  # type: ignore[arg-type]


def plain(text: str) -> str:
    """A form that is the text itself, but for its slots."""
    parts = re.split(r"(\{[A-Z]+(?::\w+)?\})", text)
    return "".join(one if re.fullmatch(r"\{[A-Z]+(?::\w+)?\}", one) else re.escape(one) for one in parts)


def judge(lines: Iterable[tuple[str, str]], rules: Iterable[Rule], facts: Facts, kind: str) -> list[str]:
    """What is wrong with the lines of a text.

    Args:
        lines: Each with the heading above it.
        rules: The forms, the most telling first.
        facts: The case.
        kind: Which text.

    Returns:
        A sentence for each line that no form fits, or that is not true.
    """
    before: list[str] = []
    wrong = []
    known = list(rules)
    for section, line in lines:
        place, fitting = Place(facts, kind, section, {}, before), 0
        verdict = ""
        for rule in known:
            if rule.sections and not any(section.startswith(one) for one in rule.sections):
                continue
            if found := rule.pattern.fullmatch(line):
                place.said = {name: value for name, value in found.groupdict().items() if value is not None}
                fitting += 1
                try:
                    if rule.holds(place):
                        verdict = ""
                        break
                    verdict = f"{kind}: not so: {line}"
                except Exception as error:  # noqa: BLE001 - a claim about what there is not is not so either
                    verdict = f"{kind}: not so ({type(error).__name__}): {line}"
        if not fitting:
            verdict = f"{kind}: unproved: {line}"
        if verdict:
            wrong.append(verdict)
        before.append(line)
    return wrong
