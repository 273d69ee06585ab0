"""The checker: it knows the case file as plain data and the texts, and nothing of the code that words them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from proofs.answers import html_lines, letters, package
from proofs.answers.evidence import numbers, page
from proofs.answers.facts import Facts
from proofs.answers.letters.holding import unjoined
from proofs.answers.letters.later import undone
from proofs.answers.letters.stopping import untold
from proofs.answers.rules import judge
from proofs.answers.sheet import case, common, gate
from proofs.answers.sheet.todays_rules import untrue_tasks


def check(kind: str, text: str, file: Mapping[str, Any]) -> list[str]:
    """What is wrong with one text: unproved sentences, contradictions, missing content.

    Args:
        kind: What it is.
        text: It itself.
        file: The case file of that moment as plain data.

    Returns:
        A sentence for each.
    """
    return list(_check(kind, text, Facts(file)))


def _check(kind: str, text: str, facts: Facts) -> Iterator[str]:
    # A second letter of a kind is called L26.2.
    if (letter := kind.partition(".")[0]) in letters.LETTERS:
        yield from judge(letters.lines_of(text), letters.LETTERS[letter], facts, kind)
        yield from letters.missing(kind, text, facts)
    elif kind in package.RULES:
        is_page = kind.endswith(".html")
        lines = list(html_lines.lines_of(text) if is_page else package.text_lines(text))
        yield from judge(lines, package.RULES[kind], facts, kind)
        yield from package.missing(kind, "\n".join(line for _, line in lines), facts)
    elif kind == "package/paper.html":
        says_what_is_held = "A copy follows this letter." in text or "In the systems named below we found none" in text
        if not facts.on_paper or not says_what_is_held:
            yield f"{kind}: not so: a print of what was not asked by letter, or that is no answer"
    elif kind == "package/manifest.json":
        yield from package.check_manifest(text, facts)
    elif kind == "package/data":
        yield from package.check_data(text, facts)
    elif kind == "page":
        lines = list(html_lines.lines_of(text))
        yield from judge(lines, page.RULES, facts, kind)
        yield from page.missing(lines, facts)
    elif kind == "sheet":
        yield from undone(facts)
        yield from untold(facts)
        yield from unjoined(facts)
        yield from untrue_tasks(facts)
        yield from judge(common.lines_of(text), case.SHEET, facts, kind)
        yield from case.missing(text, facts)
    elif kind == "gate":
        yield from judge(common.lines_of(text), gate.GATE, facts, kind)
        yield from gate.missing(text, facts)
    elif kind == "certificate":
        yield from numbers.check_certificate(text, facts)
    elif kind == "dpv":
        yield from numbers.check_export(text, facts)
    else:
        yield f"{kind}: nothing judges this"
