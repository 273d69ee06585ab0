"""The account of a case's search, for the person who decides on its result. No personal data."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import Search
from rightsflow.cases.facts.overview.glance import CaseGlance
from rightsflow.cases.facts.overview.sheet_clock import moment
from rightsflow.cases.facts.search.systems import samples_of
from rightsflow.domain.connector import Sample
from rightsflow.domain.identifiers import KIND_WORDS
from rightsflow.domain.wording import counted


def search_lines(app: App, case: CaseGlance) -> Iterator[str]:
    """Per system by what it was searched, what its mappings were seen to find, and what it cannot find.

    Args:
        app: What it works with.
        case: The case.
    """
    samples = samples_of(case.ledger)
    for search in case.searches:
        yield from _searched(app, search, case.identifiers, samples.get(search.system, ()))
    if case.found_nothing:
        yield ""
        yield from _before(case)


def _searched(app: App, search: Search, given: Mapping[str, int], samples: tuple[Sample, ...]) -> Iterator[str]:
    zone = app.settings.controller.zone
    at = moment(search.finished_at, zone) if search.finished_at else "not searched to its end"
    unable = {kind: count for kind, count in given.items() if kind not in search.by}
    yield f"- **{search.system}**, {at}: by {_kinds(given, search.by) or _BY_NOTHING}."
    if unable:
        yield f"    - Not searched by: {_kinds(unable, unable)}."
    yield from (f"    - {sample}" for sample in samples or ("Its mappings were not checked with stored values.",))
    yield from (f"    - Does not find: {text}" for text in search.cannot_find)


_BY_NOTHING = "nothing that is known of the person, so that it was not searched"


def _kinds(given: Mapping[str, int], which: Container[str]) -> str:
    return ", ".join(counted(count, *KIND_WORDS[kind]) for kind, count in sorted(given.items()) if kind in which)


def _before(case: CaseGlance) -> Iterator[str]:
    if case.other_cases:
        yield (
            f"Other cases of this person: {', '.join(case.other_cases)}. What those left was read again: nothing is "
            "there any more."
        )
    else:
        yield "No other case of this person is known."
    if case.perhaps_same:
        yield (
            f"Perhaps of the same person: {', '.join(case.perhaps_same)}. They share too little to tell, so that "
            "nothing of them was looked at; find out whose they are before you approve a no, where they left anything."
        )
