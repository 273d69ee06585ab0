"""The checker: it knows the case file as plain data and the texts, and nothing of the code that words them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.proofs.answers import html_lines, letter_rules, package_rules, page_rules, sheet_rules
from tests.proofs.answers.facts import Facts
from tests.proofs.answers.rules import judge


def check(kind: str, text: str, case: Mapping[str, Any]) -> list[str]:
    """What is wrong with one text: unproved sentences, contradictions, missing content.

    Args:
        kind: What it is.
        text: It itself.
        case: The case file of that moment as plain data.

    Returns:
        A sentence for each.
    """
    return list(_check(kind, text, Facts(case)))


def _check(kind: str, text: str, facts: Facts) -> Iterator[str]:
    if kind in letter_rules.LETTERS:
        yield from judge(letter_rules.lines_of(text), letter_rules.LETTERS[kind], facts, kind)
        yield from letter_rules.missing(kind, text, facts)
    elif kind in package_rules.RULES:
        is_page = kind.endswith(".html")
        lines = list(html_lines.lines_of(text) if is_page else package_rules.text_lines(text))
        yield from judge(lines, package_rules.RULES[kind], facts, kind)
        yield from package_rules.missing(kind, "\n".join(line for _, line in lines), facts)
    elif kind == "package/manifest.json":
        yield from package_rules.check_manifest(text, facts)
    elif kind == "page":
        lines = list(html_lines.lines_of(text))
        yield from judge(lines, page_rules.RULES, facts, kind)
        yield from page_rules.missing(lines, facts)
    elif kind == "sheet":
        yield from judge(sheet_rules.lines_of(text), sheet_rules.SHEET, facts, kind)
        yield from sheet_rules.missing_sheet(text, facts)
    elif kind == "gate":
        yield from judge(sheet_rules.lines_of(text), sheet_rules.GATE, facts, kind)
    elif kind == "certificate":
        yield from page_rules.check_certificate(text, facts)
    elif kind == "dpv":
        yield from page_rules.check_export(text, facts)
